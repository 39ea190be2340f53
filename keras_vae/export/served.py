"""Asks a SavedModel what a server will ask it. A script: python served.py FOLDER REPORT

Run in a process of its own, in which Keras and keras_vae cannot be imported, as on a server. It
holds every signature against the reference answers in the folder and writes what it found to
REPORT as JSON: `differences` (signature -> output -> largest difference), `allowed` (likewise, what
is allowed where that difference is) and `faults` (sentences).
"""

import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

if __name__ == "__main__":
    sys.path.pop(0)  # this file's own folder, whose names are none of TensorFlow's business
    # Importing what stands as None here is an ImportError.
    for hidden in ("keras", "tf_keras", "keras_vae", "tensorflow_probability"):
        sys.modules[hidden] = None  # type: ignore[assignment]  # the stub knows modules only

import numpy as np
import tensorflow as tf

Arrays: TypeAlias = dict[str, np.ndarray]  # by name of the input or output
Answers: TypeAlias = dict[str, tuple[Arrays, Arrays]]  # signature -> (inputs, outputs)

REFERENCE_FILE = "assets.extra/reference.npz"
WARMUP_FILE = "assets.extra/tf_serving_warmup_requests"
TOLERANCE = 1e-5  # absolute up to 1, relative above: about ten roundings of float32
CODES: dict[bytes, int] = {}  # text -> its number
LARGE_BATCH = 257  # one more than a power of two
# Operations that run Python, or remember something from one request to the next.
REFUSED = re.compile(r"(Eager)?PyFunc|Assign|Random[A-Z]|TruncatedNormal|Stateful(Random|Uniform|"
                     r"Standard|Truncated)|Rng(Read|Skip)|NonDeterministicInts")  # fmt: skip


def load_reference(path: Path) -> Answers:
    """`reference.npz` -> signature -> (dict of inputs, dict of outputs)."""
    answers: Answers = {}
    with np.load(path, allow_pickle=False) as arrays:
        for key in arrays.files:
            signature, side, name = key.split("/")
            inputs, outputs = answers.setdefault(signature, ({}, {}))
            # PNG files, which end in no zero byte that NumPy would cut off
            is_bytes = arrays[key].dtype.kind == "S"
            array = arrays[key].astype(object) if is_bytes else arrays[key]
            {"inputs": inputs, "outputs": outputs}[side][name] = array
    return answers


def run(function: Callable[..., Any], inputs: Arrays) -> Arrays:
    """A signature's answer as NumPy arrays."""
    outputs = function(**{name: tf.constant(rows) for name, rows in inputs.items()})
    return numbered({name: output.numpy() for name, output in outputs.items()})


def numbered(arrays: Arrays) -> Arrays:
    """The arrays, texts as numbers that differ where the texts do."""
    return {
        name: np.array([CODES.setdefault(text, len(CODES)) for text in rows.tolist()], "float32")
        if rows.dtype == object
        else rows
        for name, rows in arrays.items()
    }


def take(arrays: Arrays, rows: Any) -> Arrays:
    return {name: array[rows] for name, array in arrays.items()}


def allowed(expected: np.ndarray) -> np.ndarray:
    """How far each number may be from the expected one."""
    return TOLERANCE * np.maximum(1, np.abs(expected))


def is_close(received: np.ndarray, expected: np.ndarray) -> np.ndarray:
    return np.abs(received - expected) <= allowed(expected)


def check_signature(
    name: str, function: Callable[..., Any], inputs: Arrays, expected: Arrays
) -> tuple[dict[str, tuple[float, float]], list[str]]:
    """(output -> (largest difference, what is allowed there), faults) of one signature."""
    count = len(next(iter(inputs.values())))
    received, expected = run(function, inputs), numbered(expected)
    if set(received) != set(expected):
        return {}, [f"{name} outputs {sorted(received)}, expected {sorted(expected)}"]
    one_by_one = [run(function, take(inputs, [row])) for row in range(count)]
    alone = {key: np.concatenate([answer[key] for answer in one_by_one]) for key in expected}
    rows = np.random.default_rng(0).integers(0, count, LARGE_BATCH)
    crowd = run(function, take(inputs, rows))
    again = run(function, inputs)
    differences, faults = {}, []
    for key, right in expected.items():
        output = received[key]
        what = f"{name}, output {key}:"
        if output.dtype != "float32" or output.shape != right.shape:
            faults.append(f"{what} {output.dtype} {output.shape}, expected float32 {right.shape}")
            continue
        if not all(np.isfinite(values).all() for values in (output, alone[key], crowd[key])):
            faults.append(f"{what} not finite for an example of all 0, all 1, or near the model")
            continue
        error = np.abs(output - right)
        largest = np.unravel_index(error.argmax(), error.shape)
        differences[key] = float(error[largest]), float(allowed(right)[largest])
        if not is_close(output, right).all():
            faults.append(f"{what} differs from the Keras model by {error[largest]:.2g}")
        for batch, batch_output, batch_right in (
            ("in a batch of 1", alone[key], output),
            (f"in a batch of {LARGE_BATCH}", crowd[key], output[rows]),
        ):
            # Drawn images are the same to the last bit; products of matrices of other sizes
            # are rounded otherwise.
            is_drawn = name == "sample"
            same = batch_output == batch_right if is_drawn else is_close(batch_output, batch_right)
            if not same.all():
                largest = np.abs(batch_output - batch_right).max()
                faults.append(f"{what} answers differently {batch}, by {largest:.2g}")
        if not np.array_equal(again[key], output):
            faults.append(f"{what} the same request gives another answer the second time")
    if "seed" in inputs and name != "serving_default":
        other = run(function, {**inputs, "seed": inputs["seed"] ^ 1})
        if all(np.array_equal(other[key], received[key]) for key in expected):
            faults.append(f"{name} gives the same answer for another seed")
    return differences, faults


def check_graph(name: str, function: Any) -> list[str]:
    """Operations in a signature's graph that a server refuses, or should not be given."""
    graph = function.graph.as_graph_def()
    functions = graph.library.function
    compiled = [f.signature.name for f in functions if f.attr["_XlaMustCompile"].b]
    nodes = [*graph.node, *(node for f in functions for node in f.node_def)]
    compiled += [node.name for node in nodes if node.attr["_XlaMustCompile"].b]
    faults = [f"{name} holds a function with jit_compile=True, which GPU servers refuse"
              for _ in compiled[:1]]  # fmt: skip
    refused = sorted({node.op for node in nodes if REFUSED.match(node.op)})
    if refused:
        faults.append(
            f"{name} holds {', '.join(refused)}: it runs Python or keeps a hidden state, which a "
            "server does not support"
        )
    return faults


def check_warmup(signatures: Mapping[str, Callable[..., Any]], path: Path) -> list[str]:
    """Warm-up requests that a signature does not answer: they would keep the version from use.

    None where the messages of TensorFlow Serving are not installed: nothing can be read then.
    """
    try:
        from tensorflow_serving.apis import prediction_log_pb2
    except ImportError:  # also where another package has the name tensorflow_serving
        return []
    faults = []
    for record in tf.data.TFRecordDataset(str(path)):
        log = prediction_log_pb2.PredictionLog.FromString(record.numpy())
        request = log.predict_log.request
        name = request.model_spec.signature_name
        try:
            signatures[name](**{key: tf.constant(tf.make_ndarray(value))
                                for key, value in request.inputs.items()})  # fmt: skip
        except (KeyError, TypeError, ValueError, tf.errors.OpError) as error:
            faults.append(f"a warm-up request for {name} fails: {error}")
    return faults


def check(folder: Path) -> dict[str, Any]:
    """What `served.py` reports of the SavedModel in a folder."""
    signatures = tf.saved_model.load(str(folder), tags=["serve"]).signatures
    answers = load_reference(folder / REFERENCE_FILE)
    found, faults = {}, []
    if set(signatures) != set(answers):
        faults.append(f"has signatures {sorted(signatures)}, expected {sorted(answers)}")
    for name in sorted(set(signatures) & set(answers)):
        faults += check_graph(name, signatures[name])
        found[name], said = check_signature(name, signatures[name], *answers[name])
        faults += said
    if (folder / WARMUP_FILE).exists():
        faults += check_warmup(signatures, folder / WARMUP_FILE)
    differences, limits = (
        {name: {key: pair[i] for key, pair in pairs.items()} for name, pairs in found.items()}
        for i in range(2)
    )
    return {"differences": differences, "allowed": limits, "faults": faults}


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(check(Path(sys.argv[1]))))
