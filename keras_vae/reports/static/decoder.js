"use strict";
// The decoder of a VAE in a page: the operations of keras_vae/reports/steps.py under the same names.
// A value is a Float32Array with the entries of one example.

// ---- arrays: {shape, dtype, data}, little-endian bytes in base64 ----

function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

// All 65,536 numbers of float16: 1 bit of sign, 5 of exponent, 10 of fraction.
let halves = null;

function floatsOfHalves(codes) {
  if (!halves) {
    halves = new Float32Array(65536);
    for (let code = 0; code < 65536; code++) {
      const exponent = (code >> 10) & 31, fraction = code & 1023;
      let size = fraction * 2 ** -24;
      if (exponent === 31) size = fraction ? NaN : Infinity;
      else if (exponent > 0) size = (1 + fraction / 1024) * 2 ** (exponent - 15);
      halves[code] = code & 32768 ? -size : size;
    }
  }
  const floats = new Float32Array(codes.length);
  for (let i = 0; i < codes.length; i++) floats[i] = halves[codes[i]];
  return floats;
}

function unpack(packed) {
  const bytes = bytesOf(packed.data).buffer;
  const read = {
    float16: () => floatsOfHalves(new Uint16Array(bytes)),
    float32: () => new Float32Array(bytes),
    int32: () => new Int32Array(bytes),
    uint8: () => new Uint8Array(bytes),
  };
  return read[packed.dtype]();
}

// ---- operations: (values, weights, options) -> value ----

const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const sigmoid = (x) => 1 / (1 + Math.exp(-x));

function softBound(x, low, high) {
  return low + softplus(high - softplus(high - x) - low);
}

function dense([x], [kernel, bias]) {
  const out = new Float32Array(bias), width = bias.length;
  for (let i = 0; i < x.length; i++) {
    const xi = x[i];
    if (xi === 0) continue; // half of what a ReLU gives
    for (let j = 0, k = i * width; j < width; j++, k++) out[j] += xi * kernel[k];
  }
  return out;
}

function shares([h, condition], _, { center, scale }) {
  const top = h.reduce((a, b) => Math.max(a, b), -Infinity);
  const logSum = top + Math.log(h.reduce((sum, each) => sum + Math.exp(each - top), 0));
  const logLibrary = center + scale * condition[condition.length - 1];
  return h.map((each) => each - logSum + logLibrary);
}

function modes([logits], _, { sizes }) {
  let first = 0;
  return Float32Array.from(sizes, (size) => {
    const block = logits.subarray(first, (first += size));
    return block.indexOf(block.reduce((a, b) => Math.max(a, b)));
  });
}

function ordinalModes([location], [cuts], { sizes }) {
  const width = cuts.length / sizes.length;
  return Float32Array.from(sizes, (size, entry) => {
    let best = 0, most = -1, below = 0;
    for (let k = 0; k < size; k++) {
      const upTo = k < size - 1 ? sigmoid(cuts[entry * width + k] - location[entry]) : 1;
      if (upTo - below > most) [best, most] = [k, upTo - below];
      below = upTo;
    }
    return best;
  });
}

function clippedLogistic([mean, logScale], _, { last, low, high }) {
  return mean.map((m, i) => {
    const scale = Math.exp(softBound(logScale[i], low, high)) * last;
    return (scale * (softplus((m * last) / scale) - softplus((m * last - last) / scale))) / last;
  });
}

function joined(parts) {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let first = 0;
  for (const part of parts) {
    out.set(part, first);
    first += part.length;
  }
  return out;
}

const each = (f) => ([x]) => x.map(f);

const OPERATIONS = {
  relu: each((x) => Math.max(x, 0)),
  leaky_relu: each((x) => (x > 0 ? x : 0.2 * x)),
  elu: each((x) => (x > 0 ? x : Math.expm1(x))),
  selu: each((x) => 1.05070098 * (x > 0 ? x : 1.67326324 * Math.expm1(x))),
  silu: each((x) => x * sigmoid(x)),
  sigmoid: each(sigmoid),
  softplus: each(softplus),
  tanh: each(Math.tanh),
  exponential: each(Math.exp),
  dense,
  scaled: ([x], [scale, center]) => x.map((value, i) => center[i] + scale[i] * value),
  joined,
  taken: ([x], _, { places }) => Float32Array.from(places, (place) => x[place]),
  shares,
  bounded: ([x], _, { low, high }) => x.map((value) => softBound(value, low, high)),
  with_zeros: ([mean, zeroLogit]) => mean.map((m, i) => sigmoid(-zeroLogit[i]) * m),
  continuous_bernoulli: each((a) =>
    Math.abs(a) < 0.05 ? 0.5 + a / 12 : -1 / Math.expm1(-a) - 1 / a),
  clipped_logistic: clippedLogistic,
  modes,
  ordinal_modes: ordinalModes,
};

// What `packed_decoder` gives -> the function (z, condition) -> entries of the example.
function decoderOf({ steps, inputs, weights }) {
  const arrays = weights.map(unpack);
  return (...given) => {
    const values = given.slice(0, inputs);
    for (const { op, of, weights: numbers, options } of steps) {
      const taken = of.map((number) => values[number]);
      values.push(OPERATIONS[op](taken, numbers.map((number) => arrays[number]), options));
    }
    return values[values.length - 1];
  };
}

if (typeof module !== "undefined") module.exports = { decoderOf, unpack }; // for node
