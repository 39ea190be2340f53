"""Which signatures of an exported version other runtimes take: the table in docs/serving.md.

Usage, in an environment of its own, for the converters pin packages that keras_vae does not:

    python -m venv converters
    converters/bin/pip install tensorflow==2.21.0 openvino==2026.4.1 tf2onnx==1.17.0 \\
        onnxruntime==1.32.0 ai-edge-litert==2.3.0 jax
    converters/bin/python benchmarks/converters.py saved_models/vae/1

Every signature is converted, run on the questions that the version holds, in batches of eight and
of one, and held against the answers of the Keras model. keras_vae is not imported.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf

TOLERANCE = 1e-5  # absolute up to 1, relative above, as at the export


def openvino(folder, loaded, name):
    import openvino

    # The default signature is what it finds in the folder by itself.
    source = str(folder) if name == "serving_default" else loaded.signatures[name]
    model = openvino.convert_model(source)
    # Without the hint it computes in bfloat16 where the processor can: off by 1e-2.
    compiled = openvino.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})

    def run(inputs):
        given = {key: inputs[_name(port, inputs)] for key, port in enumerate(compiled.inputs)}
        outputs = compiled(given)
        return {port.get_any_name(): outputs[port] for port in compiled.outputs}

    return run


def _name(port, inputs):
    """The input of the signature that a port stands for: its name may have a prefix."""
    names = [name for name in inputs if any(name in known for known in port.get_names())]
    return names[0] if len(names) == 1 else next(iter(inputs))


def onnx(folder, loaded, name):
    import onnxruntime

    target = Path(tempfile.mkdtemp()) / "model.onnx"
    call = [sys.executable, "-m", "tf2onnx.convert", "--saved-model", str(folder), "--tag", "serve"]
    call += ["--signature_def", name, "--opset", "18", "--output", str(target)]
    done = subprocess.run(call, capture_output=True, text=True)
    if done.returncode or not target.exists():
        raise RuntimeError(f"the converter fails: {done.stderr.strip().splitlines()[-1]}")
    try:
        session = onnxruntime.InferenceSession(target)
    except Exception as error:
        raise RuntimeError(f"written, but onnxruntime refuses it: {error}") from error
    outputs = [output.name for output in session.get_outputs()]

    def run(inputs):
        given = {port.name: inputs[port.name.split(":")[0]] for port in session.get_inputs()}
        return dict(zip(outputs, session.run(None, given), strict=True))

    return run


def litert(folder, loaded, name):
    from ai_edge_litert.interpreter import Interpreter

    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder), signature_keys=[name])
    interpreter = Interpreter(model_content=converter.convert())
    runner = interpreter.get_signature_runner(name)
    return lambda inputs: runner(**inputs)


def jax(folder, loaded, name):
    from jax import jit
    from jax.experimental import jax2tf

    signature = loaded.signatures[name]
    names = list(signature.structured_input_signature[1])

    def by_position(*inputs):  # which call_tf asks for
        return signature(**dict(zip(names, inputs, strict=True)))

    called = jit(jax2tf.call_tf(by_position))
    return lambda inputs: {
        key: np.asarray(rows) for key, rows in called(*(inputs[n] for n in names)).items()
    }


RUNTIMES = {"OpenVINO": openvino, "ONNX": onnx, "LiteRT": litert, "JAX": jax}


def load_reference(path):
    """`reference.npz` -> signature -> (dict of inputs, dict of outputs)."""
    answers = {}
    with np.load(path) as arrays:
        for key in arrays.files:
            signature, side, name = key.split("/")
            rows = arrays[key].astype(object) if arrays[key].dtype.kind == "S" else arrays[key]
            answers.setdefault(signature, ({}, {}))[side == "outputs"][name] = rows
    return answers


def largest_error(run, inputs, expected):
    """The largest difference in a batch and alone, relative to answers above 1; of any output.

    NaN if a row of NaN is answered by numbers, which it is not in the exported version.
    """

    def ask(inputs):
        received = run(inputs)
        alone = len(received) == 1 == len(expected)
        return dict.fromkeys(expected, *received.values()) if alone else received

    first = {name: rows[:1] for name, rows in inputs.items()}
    errors = []
    for given, count in ((inputs, None), (first, 1)):
        received = ask(given)
        for name, right in expected.items():
            right = right[:count]
            error = np.abs(received[name] - right) / np.maximum(1, np.abs(right))
            errors.append(error.max())
    spoilt = {name: rows.copy() for name, rows in inputs.items()}
    for rows in spoilt.values():
        if rows.dtype.kind == "f":
            rows[0] = np.nan
            if not all(np.isnan(rows[0]).all() for rows in ask(spoilt).values()):
                return np.nan
    return max(errors)


def what_comes(convert, folder, loaded, name, inputs, expected):
    """A cell of the table."""
    try:
        run = convert(folder, loaded, name)
        error = largest_error(run, inputs, expected)
    except Exception as failure:
        print(f"{convert.__name__}, {name}: {_line(failure)}", file=sys.stderr)
        return "written, refused" if "refuses it" in str(failure) else "no"
    print(f"{convert.__name__}, {name}: {error:.1e}", file=sys.stderr)
    return "yes" if error <= TOLERANCE else f"wrong, by {error:.1e}"


def _line(failure):
    return re.sub(r"\s+", " ", f"{type(failure).__name__}: {failure}")[:300]


def main():
    folder = Path(sys.argv[1])
    loaded = tf.saved_model.load(str(folder))
    answers = load_reference(folder / "assets.extra" / "reference.npz")
    print("| signature |", " | ".join(RUNTIMES), "|")
    print("|---|" + "---|" * len(RUNTIMES))
    for name, (inputs, expected) in sorted(answers.items()):
        question = folder, loaded, name, inputs, expected
        cells = [what_comes(convert, *question) for convert in RUNTIMES.values()]
        print(f"| `{name}` |", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main()
