"use strict";
// The latent explorer: a plane of points, and the example that is decoded where the pointer is.
// The points are drawn once; what follows the pointer is a canvas of its own above them.

const VIRIDIS = ["#440154", "#482878", "#3e4a89", "#31688e", "#26828e", "#1f9e89", "#35b779",
  "#6ece58", "#b5de2b", "#fde725"];
const MOST_NAMED = 30; // classes whose names are written among the points
const BEHIND = 14; // decoded images a side, behind the points

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// Runs f once before the next frame, however often it is asked to.
function perFrame(f) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; f(); });
  };
}

const short = (x) => (Number.isNaN(x) ? "" : Math.abs(x) >= 1e6 || (x !== 0 && Math.abs(x) < 1e-3)
  ? x.toExponential(2) : String(Number(x.toPrecision(4))));

// ---- how one example looks: a Looks has draw(canvas, flat values) or rows of words ----

function drawImage(canvas, values, { shape, low, high }) {
  const [height, width] = shape, channels = shape[2] || 1;
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext("2d"), image = context.createImageData(width, height);
  const level = (i) => Math.round((255 * (values[i] - low)) / (high - low)); // clamped by the array
  for (let p = 0; p < width * height; p++) {
    for (let c = 0; c < 3; c++) {
      image.data[4 * p + c] = level(p * channels + (channels < 3 ? 0 : c));
    }
    image.data[4 * p + 3] = channels === 4 ? level(4 * p + 3) : 255;
  }
  context.putImageData(image, 0, 0);
}

function drawLine(canvas, values, { low, high }, colour) {
  const width = (canvas.width = 360), height = (canvas.height = 200), margin = 8;
  const context = canvas.getContext("2d");
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.beginPath();
  const last = Math.max(values.length - 1, 1);
  values.forEach((value, i) => {
    const share = (value - low) / (high - low);
    context.lineTo(margin + ((width - 2 * margin) * i) / last,
      height - margin - (height - 2 * margin) * Math.min(Math.max(share, -0.04), 1.04));
  });
  context.stroke();
}

function cell(value, { kind, levels, whole }) {
  if (Number.isNaN(value)) return "";
  if (levels.length) return levels[Math.min(Math.max(Math.round(value), 0), levels.length - 1)];
  if (kind === "date") return new Date(864e5 * Math.round(value)).toISOString().slice(0, 10);
  return whole && kind !== "count" ? String(Math.round(value)) : short(value);
}

// ---- examples that the page holds: by number -> flat values, once its picture is loaded ----

async function examplesOf(packed, looks) {
  if (packed.values) {
    const all = unpack(packed.values), width = packed.values.shape[1];
    return (i) => (i < packed.count ? all.subarray(i * width, (i + 1) * width) : null);
  }
  const picture = new Image();
  picture.src = packed.url;
  await picture.decode();
  const canvas = element("canvas", { width: picture.width, height: picture.height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(picture, 0, 0);
  const [height, width] = looks.shape, channels = looks.shape[2] || 1;
  return (i) => {
    if (i >= packed.count) return null;
    const x = (i % packed.columns) * width, y = Math.floor(i / packed.columns) * height;
    const { data } = context.getImageData(x, y, width, height);
    const values = new Float32Array(width * height * channels);
    for (let p = 0; p < width * height; p++) {
      for (let c = 0; c < channels; c++) {
        values[p * channels + c] = looks.low + ((looks.high - looks.low) * data[4 * p + c]) / 255;
      }
    }
    return values;
  };
}

// The grid of a decoder that the page cannot compute: between its nodes, blended from the four
// around a place; of rows, whose words cannot be blended, the nearest.
async function gridOf({ side, reach, parts }, looks, axes) {
  const nodes = await Promise.all(parts.map((part) => examplesOf(part, looks)));
  return (z, condition, part) => {
    const place = axes.map((latent, k) => {
      const share = ((k ? -z[latent] : z[latent]) + reach) / (2 * reach);
      return Math.min(Math.max(share, 0), 1) * (side - 1);
    });
    const [across, down] = [place[0], place.length > 1 ? place[1] : 0];
    const at = (row, column) => nodes[part](Math.min(row, side - 1) * side
      + Math.min(column, side - 1));
    if (looks.kind === "row") return at(Math.round(down), Math.round(across));
    const [top, left] = [Math.floor(down), Math.floor(across)];
    const corners = [at(top, left), at(top, left + 1), at(top + 1, left), at(top + 1, left + 1)];
    const [v, u] = [down - top, across - left];
    const shares = [(1 - v) * (1 - u), (1 - v) * u, v * (1 - u), v * u];
    return corners[0].map((_, i) => shares.reduce((sum, s, k) => sum + s * corners[k][i], 0));
  };
}

// ---- the explorer ----

async function explore(root, data) {
  const find = (name) => root.querySelector(`.${name}`);
  const d = data.latents, looks = data.looks, plane = find("plane");
  const points = find("points"), overlay = find("overlay");
  const mean = unpack(data.mean), sd = unpack(data.sd), rows = data.rows && unpack(data.rows);
  const clouds = {
    data: { z: mean, count: data.points },
    posterior: { z: unpack(data.draws), count: data.points },
    prior: { z: unpack(data.prior), count: data.points },
  };
  const told = data.condition && {
    values: unpack(data.condition.values),
    width: data.condition.values.shape[1],
    parts: data.condition.parts,
  };
  const input = await examplesOf(data.inputs, looks);
  const kept = data.grid && await examplesOf(data.grid.reconstructions, looks);
  const decode = data.decoder ? decoderOf(data.decoder) : await gridOf(data.grid, looks, data.axes);
  const colours = data.colours.map((each) => ({ ...each, codes: unpack(each.values) }));
  const epochs = data.epochs && { ...data.epochs, codes: unpack(data.epochs.codes) };
  const jitter = Float32Array.from({ length: data.points }, (_, i) =>
    ((i * 0.6180339887) % 1) * 2 - 1); // what stands on the second axis of a single latent

  const state = {
    axes: data.axes.slice(), at: new Float32Array(2), held: false, nearest: 0,
    cloud: "data", colour: colours.length ? 0 : -1, others: "nearest", epoch: null,
    images: false, condition: told ? told.parts.map(() => "") : [],
  };
  const view = { x: 0, y: 0, reach: 1 };

  const theme = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim();
  const name = (latent) => `z_${latent + 1}`;
  const onPlane = (z, i, k) => (state.axes.length > k ? z[i * d + state.axes[k]] : jitter[i]);

  // ---- places: latents <-> pixels of CSS ----

  let size = 1;
  const toX = (x) => ((x - view.x) / (2 * view.reach) + 0.5) * size;
  const toY = (y) => (0.5 - (y - view.y) / (2 * view.reach)) * size;

  function resetView() {
    view.x = view.y = 0;
    view.reach = Math.max(...state.axes.map((latent) => data.limits[latent]));
  }

  function nearestTo(x, y) {
    let best = 0, least = Infinity;
    for (let i = 0; i < data.points; i++) {
      const across = onPlane(mean, i, 0) - x, up = onPlane(mean, i, 1) - y;
      const distance = across * across + up * up;
      if (distance < least) [best, least] = [i, distance];
    }
    return best;
  }

  // ---- what the decoder is given ----

  function latentsAt(x, y) {
    const z = state.others === "nearest" && data.decoder && d > 2
      ? mean.slice(state.nearest * d, (state.nearest + 1) * d) : new Float32Array(d);
    z[state.axes[0]] = x;
    if (state.axes.length > 1) z[state.axes[1]] = y;
    return z;
  }

  function conditionOf(i) {
    return told ? told.values.slice(i * told.width, (i + 1) * told.width) : null;
  }

  // That of the nearest example, but for what was chosen.
  function chosenCondition() {
    const condition = conditionOf(state.nearest);
    let first = 0;
    if (told) told.parts.forEach((part, k) => {
      const choice = state.condition[k];
      if (choice !== "" && part.classes.length) {
        condition.fill(0, first, first + part.entries);
        condition[first + Number(choice)] = 1;
      } else if (choice !== "") {
        const number = part.is_date ? Date.parse(choice) / 864e5 : Number(choice);
        const formed = part.form === "log" ? Math.log(number) : number;
        if (Number.isFinite(formed)) condition[first] = (formed - part.center) / part.scale;
      }
      first += part.entries;
    });
    return condition;
  }

  // Which grid has the condition, where there are several.
  const partOf = (condition) => (data.grid && data.grid.parts.length > 1
    ? condition.indexOf(condition.reduce((a, b) => Math.max(a, b))) : 0);

  function decoded(x, y) {
    const condition = chosenCondition();
    return decode(latentsAt(x, y), condition, partOf(condition));
  }

  function reconstruction(i) {
    if (kept) return kept(i); // a grid knows one plane only
    const condition = conditionOf(i);
    return decode(mean.slice(i * d, (i + 1) * d), condition, partOf(condition));
  }

  // ---- drawing ----

  function fit(canvas) {
    const scale = window.devicePixelRatio || 1;
    canvas.width = canvas.height = Math.round(size * scale);
    const context = canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    return context;
  }

  function colourOf(by) {
    if (!by) return () => 0;
    if (by.classes) return (i) => by.codes[i];
    const known = by.codes.filter((value) => !Number.isNaN(value)).sort();
    const quantile = (q) => known[Math.round(q * (known.length - 1))];
    [by.low, by.high] = known.length ? [quantile(0.02), quantile(0.98)] : [0, 1];
    const last = VIRIDIS.length - 1, width = by.high - by.low || 1;
    return (i) => (Number.isNaN(by.codes[i]) ? -1
      : Math.min(Math.max(Math.round((last * (by.codes[i] - by.low)) / width), 0), last));
  }

  function palette(by) {
    if (!by) return [theme("c0")];
    if (!by.classes || by.classes.length > 10) return VIRIDIS;
    return by.classes.map((_, k) => theme(`c${k}`));
  }

  function drawFrame(context) {
    context.fillStyle = theme("plane");
    context.fillRect(0, 0, size, size);
    if (state.images && looks.kind === "image") drawBehind(context);
    context.font = "12px system-ui, sans-serif";
    context.lineWidth = 1;
    context.textAlign = "center";
    const step = [0.1, 0.25, 0.5, 1, 2, 5, 10, 25, 100].find((s) => (2 * view.reach) / s <= 9) || 500;
    const first = (centre) => Math.ceil((centre - view.reach) / step) * step;
    for (let tick = first(view.x); tick <= view.x + view.reach; tick += step) {
      const x = toX(tick);
      context.strokeStyle = theme(Math.abs(tick) < 1e-9 ? "line" : "grid");
      context.beginPath();
      context.moveTo(x, 0);
      context.lineTo(x, size);
      context.stroke();
    }
    for (let tick = first(view.y); tick <= view.y + view.reach; tick += step) {
      const y = toY(tick);
      context.strokeStyle = theme(Math.abs(tick) < 1e-9 ? "line" : "grid");
      context.beginPath();
      context.moveTo(0, y);
      context.lineTo(size, y);
      context.stroke();
    }
    if (data.standard_prior && state.axes.length > 1) {
      context.strokeStyle = theme("faint");
      context.setLineDash([4, 4]);
      for (const radius of [1, 2, 3]) {
        context.beginPath();
        context.arc(toX(0), toY(0), (radius / (2 * view.reach)) * size, 0, 2 * Math.PI);
        context.stroke();
      }
      context.setLineDash([]);
    }
    return step;
  }

  function drawTicks(context, step) {
    context.font = "12px system-ui, sans-serif";
    const first = (centre) => Math.ceil((centre - view.reach) / step) * step;
    context.textAlign = "center";
    for (let tick = first(view.x); tick <= view.x + view.reach; tick += step) {
      const x = toX(tick);
      if (x > 12 && x < size - 40) words(context, String(Number(tick.toFixed(2))), x, size - 8);
    }
    context.textAlign = "left";
    if (state.axes.length > 1) {
      for (let tick = first(view.y); tick <= view.y + view.reach; tick += step) {
        const y = toY(tick);
        if (y > 24 && y < size - 24) words(context, String(Number(tick.toFixed(2))), 6, y + 4);
      }
      words(context, name(state.axes[1]), 6, 16, true);
    }
    context.textAlign = "right";
    words(context, name(state.axes[0]), size - 6, size - 8, true);
  }

  function words(context, text, x, y, bold = false) {
    context.font = `${bold ? "bold " : ""}${bold ? 14 : 12}px system-ui, sans-serif`;
    context.lineWidth = 3;
    context.lineJoin = "round";
    context.strokeStyle = theme("plane");
    context.strokeText(text, x, y);
    context.fillStyle = theme(bold ? "text" : "faint");
    context.fillText(text, x, y);
  }

  function drawBehind(context) {
    const tile = element("canvas"), side = size / BEHIND;
    context.imageSmoothingEnabled = false;
    for (let row = 0; row < BEHIND; row++) {
      for (let column = 0; column < BEHIND; column++) {
        const x = view.x + view.reach * ((2 * column + 1) / BEHIND - 1);
        const y = view.y - view.reach * ((2 * row + 1) / BEHIND - 1);
        drawImage(tile, decoded(x, y), looks);
        context.drawImage(tile, column * side, row * side, side, side);
      }
    }
  }

  function drawPoints() {
    const context = fit(points), step = drawFrame(context);
    const by = colours[state.colour], shade = colourOf(by), shades = palette(by);
    const atEpoch = state.epoch !== null;
    const count = atEpoch ? epochs.count : clouds[state.cloud].count;
    const z = atEpoch ? epochs.codes.subarray(state.epoch * count * d, (state.epoch + 1) * count * d)
      : clouds[state.cloud].z;
    const plain = state.cloud === "prior" && !atEpoch; // its draws have no class
    const radius = Math.min(Math.max(90 / Math.sqrt(count), 1.4), 4);
    const groups = new Map();
    for (let i = 0; i < count; i++) {
      const group = plain ? -1 : shade(i);
      if (!groups.has(group)) groups.set(group, new Path2D());
      const x = toX(onPlane(z, i, 0)), y = toY(onPlane(z, i, 1));
      if (x < -4 || y < -4 || x > size + 4 || y > size + 4) continue;
      const path = groups.get(group);
      path.moveTo(x + radius, y);
      path.arc(x, y, radius, 0, 2 * Math.PI);
    }
    context.globalAlpha = 0.75;
    for (const [group, path] of groups) {
      context.fillStyle = group < 0 ? theme("faint")
        : by && by.classes && by.classes.length > 10
          ? VIRIDIS[Math.round((group * (VIRIDIS.length - 1)) / (by.classes.length - 1))]
          : shades[group];
      context.fill(path);
    }
    context.globalAlpha = 1;
    drawTicks(context, step);
    if (by && by.classes && by.classes.length <= MOST_NAMED && !plain && state.axes.length > 1) {
      nameClasses(context, by, z, count);
    }
    legend(by, shades);
    drawOverlay();
  }

  function nameClasses(context, by, z, count) {
    const places = by.classes.map(() => [[], []]);
    for (let i = 0; i < count; i++) {
      if (by.codes[i] < 0) continue;
      places[by.codes[i]][0].push(onPlane(z, i, 0));
      places[by.codes[i]][1].push(onPlane(z, i, 1));
    }
    context.textAlign = "center";
    places.forEach((place, k) => {
      if (!place[0].length) return;
      const [x, y] = place.map((values) => values.sort((a, b) => a - b)[values.length >> 1]);
      words(context, by.classes[k], toX(x), toY(y) + 5, true);
    });
  }

  function legend(by, shades) {
    const list = find("legend");
    list.replaceChildren();
    if (!by) return;
    if (!by.classes) {
      const bar = element("span", { class: "bar" });
      bar.style.background = `linear-gradient(to right, ${VIRIDIS.join(",")})`;
      const column = looks.columns.find((each) => each.name === by.name)
        || { kind: "real", levels: [] };
      list.append(element("li", {}, `${by.name}: ${cell(by.low, column)} `, bar,
        ` ${cell(by.high, column)}`));
      return;
    }
    if (by.classes.length > 10) {
      list.append(element("li", {}, `${by.classes.length} classes`));
      return;
    }
    by.classes.forEach((each, k) => {
      const dot = element("span", { class: "dot" });
      dot.style.background = shades[k];
      list.append(element("li", {}, dot, each));
    });
  }

  function drawOverlay() {
    const context = fit(overlay);
    const i = state.nearest, x = toX(onPlane(mean, i, 0)), y = toY(onPlane(mean, i, 1));
    const unit = size / (2 * view.reach);
    context.strokeStyle = theme("accent");
    context.lineWidth = 1.5;
    for (const deviations of [1, 2]) {
      const [a, b] = [0, 1].map((k) => (state.axes.length > k
        ? deviations * sd[i * d + state.axes[k]] * unit : 6));
      context.beginPath();
      context.ellipse(x, y, a, b, 0, 0, 2 * Math.PI);
      context.stroke();
    }
    context.fillStyle = theme("accent");
    context.beginPath();
    context.arc(x, y, 3.5, 0, 2 * Math.PI);
    context.fill();
    const [cx, cy] = [toX(state.at[0]), toY(state.at[1])];
    for (const [colour, width] of [[theme("plane"), 5], [theme("text"), 2]]) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.beginPath();
      context.moveTo(cx - 9, cy);
      context.lineTo(cx + 9, cy);
      context.moveTo(cx, cy - 9);
      context.lineTo(cx, cy + 9);
      if (state.held) context.rect(cx - 9, cy - 9, 18, 18);
      context.stroke();
    }
  }

  const draw = looks.kind === "image" ? drawImage
    : (canvas, values) => drawLine(canvas, values, looks, theme("c0"));

  function show() {
    const here = decoded(...state.at), x = input(state.nearest);
    const again = reconstructed(state.nearest);
    if (looks.kind === "row") {
      showRows(here, x, again);
    } else {
      draw(find("decoded"), here, looks);
      find("input").hidden = x === null;
      if (x) draw(find("input"), x, looks);
      find("reconstruction").hidden = again === null;
      if (again) draw(find("reconstruction"), again, looks);
    }
    find("place").textContent = place();
    find("example").textContent = describeNearest(x === null);
    drawOverlay();
  }

  let last = { i: -1 };
  function reconstructed(i) { // changes only with the example
    if (last.i !== i) last = { i, values: reconstruction(i) };
    return last.values;
  }

  function showRows(here, x, again) {
    const body = find("cells");
    if (body.rows.length !== here.length) {
      body.replaceChildren(...Array.from(here, (_, j) => element("tr", {},
        element("th", { scope: "row" }, looks.columns[j].name),
        element("td"), element("td"), element("td"))));
    }
    here.forEach((value, j) => {
      const column = looks.columns[j], cells = body.rows[j].cells;
      cells[1].textContent = cell(value, column);
      cells[2].textContent = x ? cell(x[j], column) : "";
      cells[3].textContent = again ? cell(again[j], column) : "";
    });
  }

  function place() {
    const words = state.axes.map((latent, k) => `${name(latent)} = ${state.at[k].toFixed(2)}`);
    return words.join(", ") + (state.held ? " (held)" : "");
  }

  function describeNearest(isLeftOut) {
    const i = state.nearest;
    const parts = [rows ? `row ${rows[i]}` : `number ${i}`];
    for (const each of colours.slice(0, looks.kind === "row" ? 1 : colours.length)) {
      if (each.classes && each.codes[i] >= 0) parts.push(`${each.name} ${each.classes[each.codes[i]]}`);
    }
    if (isLeftOut) parts.push("its input is left out of this page");
    return parts.join(", ");
  }

  // ---- what moves the point ----

  const showSoon = perFrame(show), drawSoon = perFrame(() => { drawPoints(); show(); });

  function moveTo(x, y) {
    const end = (value, centre) => Math.min(Math.max(value, centre - view.reach), centre + view.reach);
    state.at[0] = end(x, view.x);
    state.at[1] = end(y, view.y);
    state.nearest = nearestTo(state.at[0], state.at[1]);
    showSoon();
  }

  function follow(event) {
    const box = overlay.getBoundingClientRect();
    moveTo(view.x + ((event.clientX - box.left) / box.width - 0.5) * 2 * view.reach,
      view.y - ((event.clientY - box.top) / box.height - 0.5) * 2 * view.reach);
  }

  plane.addEventListener("pointermove", (event) => { if (!state.held) follow(event); });
  plane.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse") state.held = !state.held;
    follow(event);
  });

  function zoom(factor) {
    view.reach = Math.min(Math.max(view.reach * factor, 0.05), 1000);
    [view.x, view.y] = [state.at[0], state.at[1]];
    drawSoon();
  }

  function reset() {
    resetView();
    drawSoon();
  }

  const KEYS = {
    ArrowLeft: (step) => moveTo(state.at[0] - step, state.at[1]),
    ArrowRight: (step) => moveTo(state.at[0] + step, state.at[1]),
    ArrowUp: (step) => moveTo(state.at[0], state.at[1] + step),
    ArrowDown: (step) => moveTo(state.at[0], state.at[1] - step),
    n: () => moveTo(onPlane(mean, state.nearest, 0), onPlane(mean, state.nearest, 1)),
    "+": () => zoom(0.7),
    "-": () => zoom(1 / 0.7),
    0: reset,
    Enter: () => { state.held = !state.held; showSoon(); },
  };
  plane.addEventListener("keydown", (event) => {
    const act = KEYS[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act((event.shiftKey ? 0.1 : 0.02) * view.reach);
    find("spoken").textContent = `${place()}; nearest: ${describeNearest(false)}`;
  });
  find("closer").addEventListener("click", () => zoom(0.7));
  find("farther").addEventListener("click", () => zoom(1 / 0.7));
  find("whole").addEventListener("click", reset);

  // ---- the choices ----

  const controls = find("choices");
  controls.addEventListener("submit", (event) => event.preventDefault()); // Enter in a field
  function choose(label, options, chosen, then) {
    const select = element("select", {}, ...options.map(([value, words]) =>
      element("option", { value }, words)));
    select.value = chosen;
    select.addEventListener("change", () => { then(select.value); drawSoon(); });
    controls.append(element("label", {}, `${label} `, select));
    return select;
  }

  choose("Points", [
    ["data", "codes of the data: z_mean"],
    ["posterior", "aggregated posterior: a draw of q(z|x) for each x"],
    ["prior", "prior: draws of p(z)"],
  ], "data", (value) => { state.cloud = value; state.epoch = null; });
  if (colours.length) {
    choose("Colour", [["-1", "none"], ...colours.map((each, k) => [String(k), each.name])],
      "0", (value) => { state.colour = Number(value); });
  }
  if (d > 2 && data.decoder) {
    const options = data.order.map((latent) => [String(latent),
      data.rates ? `${name(latent)} (${data.rates[latent].toFixed(2)} nats)` : name(latent)]);
    const both = ["Across", "Up"].map((label, k) => choose(label, options, String(state.axes[k]), (value) => {
      const other = 1 - k;
      if (state.axes[other] === Number(value)) { // one latent has one axis: they change places
        state.axes[other] = state.axes[k];
        both[other].value = String(state.axes[k]);
      }
      state.axes[k] = Number(value);
      resetView();
      state.nearest = nearestTo(state.at[0], state.at[1]);
    }));
    choose("Other latents", [["nearest", "as in the nearest example"], ["prior", "0"]], "nearest",
      (value) => { state.others = value; });
  }
  if (told && (data.decoder || data.grid.parts.length > 1)) {
    told.parts.forEach((part, k) => {
      if (part.classes.length) {
        const options = part.classes.map((each, code) => [String(code), each]);
        choose(`Given ${part.name}`, [["", "as in the nearest example"], ...options], "",
          (value) => { state.condition[k] = value; });
        return;
      }
      const field = element("input", { type: part.is_date ? "date" : "number", step: "any",
        placeholder: "as nearest" });
      field.addEventListener("input", () => { state.condition[k] = field.value; drawSoon(); });
      controls.append(element("label", {}, `Given ${part.name} `, field));
    });
  }
  if (epochs) {
    const range = element("input", { type: "range", min: 0, max: epochs.epochs.length, step: 1 });
    range.value = epochs.epochs.length;
    const shown = element("output", {}, "the model");
    range.addEventListener("input", () => {
      const k = Number(range.value);
      state.epoch = k < epochs.epochs.length ? k : null;
      shown.textContent = state.epoch === null ? "the model" : `epoch ${epochs.epochs[k]}`;
      range.setAttribute("aria-valuetext", shown.textContent);
      drawSoon();
    });
    controls.append(element("label", { class: "wide" }, `Codes of ${epochs.count} examples after `,
      range, shown));
  }
  if (looks.kind === "image") {
    const box = element("input", { type: "checkbox" });
    box.addEventListener("change", () => { state.images = box.checked; drawSoon(); });
    controls.append(element("label", {}, box, " decoded images behind the points"));
  }

  // ---- begin ----

  resetView();
  state.nearest = nearestTo(0, 0);
  new ResizeObserver(() => {
    size = plane.clientWidth;
    drawSoon();
  }).observe(plane);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawSoon);
  root.dataset.ready = "yes";
}

document.querySelectorAll(".explorer").forEach((root) => {
  const data = JSON.parse(document.getElementById(root.dataset.source).textContent);
  explore(root, data);
});
