"""Defects put into a SavedModel one at a time: the questions of `served.py` must find each."""

import json
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from keras_vae.export import served
from keras_vae.export.check import write_reference
from keras_vae.export.saved_model import write_saved_model
from keras_vae.export.warmup import write_warmup

X = np.random.default_rng(0).random((8, 3)).astype("float32")
SEED = np.arange(8)
WEIGHT = np.linspace(-1, 1, 6, dtype="float32").reshape(3, 2)


def product(x):
    return {"y": tf.matmul(x, tf.constant(WEIGHT))}


def draw(seed):
    uniform = tf.map_fn(
        lambda s: tf.random.stateless_uniform([2], tf.bitcast(s, tf.int32), alg="philox"),
        seed,
        fn_output_signature=tf.float32,
    )
    return {"y": uniform}


def report(folder, function, answer=None, signature="encode"):
    """What `served.py` says of one signature whose right answer is that of `product`."""
    if answer is None:
        answer = {"x": X}, {"y": X @ WEIGHT}
    specs = [
        tf.TensorSpec((None, *rows.shape[1:]), rows.dtype, name) for name, rows in answer[0].items()
    ]
    write_saved_model(folder, {signature: (function, specs)})
    # Keras adds serving_default by itself.
    write_reference(folder, {signature: answer, "serving_default": answer})
    return served.check(folder)


def test_right_answers_have_no_faults(tmp_path):
    found = report(tmp_path, product)
    assert found["faults"] == []
    assert set(found["differences"]) == {"encode", "serving_default"}
    assert found["differences"]["encode"]["y"] < 1e-6


def test_the_largest_difference_is_reported(tmp_path):
    expected = X @ WEIGHT
    expected[3, 1] += 0.25
    found = report(tmp_path, product, ({"x": X}, {"y": expected}))
    np.testing.assert_allclose(found["differences"]["encode"]["y"], 0.25, rtol=1e-5)
    np.testing.assert_allclose(found["allowed"]["encode"]["y"], 1e-5 * max(1, expected[3, 1]))
    assert "encode, output y: differs from the Keras model by 0.25" in found["faults"]


def test_what_is_allowed_is_reported_of_where_the_largest_difference_is(tmp_path):
    expected = 1e4 * np.float64(X) @ WEIGHT
    largest = np.unravel_index(np.abs(expected).argmax(), expected.shape)
    expected[largest] *= 1 + 5e-6
    found = report(tmp_path, lambda x: {"y": 1e4 * product(x)["y"]}, ({"x": X}, {"y": expected}))
    assert found["faults"] == []
    allowed = 1e-5 * abs(expected[largest])
    np.testing.assert_allclose(found["allowed"]["encode"]["y"], allowed)
    np.testing.assert_allclose(found["differences"]["encode"]["y"], allowed / 2, rtol=0.1)


@pytest.mark.parametrize(("error", "is_allowed"), [(0.9e-5, True), (1.2e-5, False)])
def test_the_tolerance_is_absolute_up_to_1_and_relative_above(error, is_allowed):
    # float64, so that the error itself is not rounded
    for value in (0.0, 0.5, -1.0, 1000.0, -1000.0):
        received = np.array([value + error * max(1, abs(value))])
        assert served.is_close(received, np.array([value])).all() == is_allowed


def test_values_that_are_not_finite_are_found(tmp_path):
    found = report(tmp_path, lambda x: {"y": product(x)["y"] / tf.cast(x[:, :1] > 0.1, tf.float32)})
    assert any("encode, output y: not finite" in fault for fault in found["faults"])


@pytest.mark.parametrize(
    ("batch_dependent", "where"),
    [
        (lambda y: y + 1e-3 * tf.cast(tf.shape(y)[0] == 1, tf.float32), "in a batch of 1"),
        (lambda y: y + 1e-3 * tf.cast(tf.shape(y)[0] > 256, tf.float32), "in a batch of 257"),
        (lambda y: y - tf.reduce_mean(y, axis=0) + tf.constant((X @ WEIGHT).mean(axis=0)),
         "in a batch of 1"),
        (lambda y: tf.roll(y, tf.cast(tf.shape(y)[0] > 256, tf.int32), axis=0),
         "in a batch of 257"),
    ],
    ids=["alone", "crowd", "mean over the batch", "rows that change places"],
)  # fmt: skip
def test_answers_that_depend_on_the_batch_are_found(tmp_path, batch_dependent, where):
    found = report(tmp_path, lambda x: {"y": batch_dependent(product(x)["y"])})
    assert any(f"differently {where}" in fault for fault in found["faults"]), found["faults"]


def drawn():
    return {"seed": SEED}, {"y": draw(tf.constant(SEED))["y"].numpy()}


def test_draws_by_the_seed_of_each_row_have_no_faults(tmp_path):
    assert report(tmp_path, draw, drawn(), "sample")["faults"] == []


def test_samples_must_agree_to_the_last_bit(tmp_path):
    def almost(seed):
        y = draw(seed)["y"]
        return {"y": y * (1 + 1e-7 * tf.cast(tf.shape(y)[0], tf.float32))}

    inputs, _ = drawn()
    answer = inputs, {"y": almost(tf.constant(SEED))["y"].numpy()}
    found = report(tmp_path, almost, answer, "sample")
    assert any("output y: answers differently in a batch of 1" in f for f in found["faults"])


def test_a_seed_that_changes_nothing_is_found(tmp_path):
    _, outputs = drawn()
    fixed = tf.constant(outputs["y"][:1])

    def ignore(seed):
        return {"y": tf.repeat(fixed, tf.shape(seed)[0], axis=0)}

    answer = {"seed": SEED}, {"y": np.repeat(outputs["y"][:1], 8, axis=0)}
    found = report(tmp_path, ignore, answer, "sample")
    assert "sample gives the same answer for another seed" in found["faults"]


def test_a_hidden_state_is_found_in_the_answers_and_in_the_graph(tmp_path):
    def stateful(x):
        # within the tolerance, and still another answer
        return {"y": product(x)["y"] + 1e-6 * tf.random.normal(tf.shape(x[:, :2]))}

    faults = report(tmp_path, stateful)["faults"]
    assert any("the same request gives another answer the second time" in f for f in faults)
    assert any("encode holds RandomStandardNormal: it runs Python or keeps" in f for f in faults)


def test_a_counter_is_found_in_the_graph(tmp_path):
    counter = tf.Variable(0.0)

    def count(x):
        counter.assign_add(1.0)
        return product(x)

    faults = report(tmp_path, count)["faults"]
    assert any("encode holds AssignAddVariableOp" in fault for fault in faults)


def test_a_function_compiled_by_xla_is_found_wherever_it_is_called(tmp_path):
    compiled = tf.function(lambda y: 1.0 * y, jit_compile=True)

    def nested(x):
        return {"y": tf.map_fn(compiled, product(x)["y"])}

    for name, function in (("direct", lambda x: {"y": compiled(product(x)["y"])}), ("in", nested)):
        (tmp_path / name).mkdir()
        faults = report(tmp_path / name, function)["faults"]
        assert "encode holds a function with jit_compile=True, which GPU servers refuse" in faults


@pytest.mark.parametrize("call", [tf.py_function, tf.numpy_function])
def test_python_inside_the_graph_is_found(tmp_path, call):
    def with_python(x):
        y = call(lambda y: y, [product(x)["y"]], tf.float32)
        return {"y": tf.ensure_shape(y, [None, 2])}

    faults = report(tmp_path, with_python)["faults"]
    assert any("PyFunc: it runs Python" in fault for fault in faults)


@pytest.mark.parametrize(
    ("operations", "is_refused"),
    [
        ("PyFunc EagerPyFunc", True),
        ("AssignVariableOp AssignAddVariableOp AssignSubVariableOp", True),
        ("RandomUniform RandomUniformInt RandomStandardNormal RandomShuffle RandomGamma", True),
        ("TruncatedNormal StatefulTruncatedNormal", True),
        ("StatefulUniform StatefulUniformInt StatefulStandardNormalV2", True),
        ("StatefulRandomBinomial RngReadAndSkip RngSkip NonDeterministicInts", True),
        ("StatelessRandomUniformV2 StatelessRandomNormalV2 StatelessTruncatedNormalV2", False),
        ("StatefulPartitionedCall PartitionedCall ReadVariableOp VarHandleOp", False),
    ],
)
def test_what_keeps_a_state_between_requests_is_refused(operations, is_refused):
    for operation in operations.split():
        assert hasattr(tf.raw_ops, operation)
        assert bool(served.REFUSED.match(operation)) == is_refused


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda y: {"y": tf.cast(y, tf.float64)}, "float64 (8, 2), expected float32 (8, 2)"),
        (lambda y: {"y": y[:, :1]}, "float32 (8, 1), expected float32 (8, 2)"),
        (lambda y: {"other": y}, "encode outputs ['other'], expected ['y']"),
        (lambda y: {"y": y, "more": y}, "encode outputs ['more', 'y'], expected ['y']"),
    ],
    ids=["dtype", "shape", "name", "one more"],
)
def test_outputs_of_another_form_are_found(tmp_path, change, fault):
    found = report(tmp_path, lambda x: change(product(x)["y"]))
    assert any(fault in said for said in found["faults"]), found["faults"]


def test_a_missing_signature_and_one_too_many_are_found(tmp_path):
    report(tmp_path, product)
    answer = {"x": X}, {"y": X @ WEIGHT}
    write_reference(tmp_path, dict.fromkeys(("encode", "serving_default", "score"), answer))
    found = "has signatures ['encode', 'serving_default'], expected"
    assert served.check(tmp_path)["faults"] == [f"{found} ['encode', 'score', 'serving_default']"]
    write_reference(tmp_path, {"encode": answer})
    assert served.check(tmp_path)["faults"] == [f"{found} ['encode']"]


def test_a_warmup_request_that_no_signature_answers_is_found(tmp_path):
    report(tmp_path, product)
    write_warmup(tmp_path, "vae", {"encode": ({"x": X}, {})}, (1, 5))
    assert served.check(tmp_path)["faults"] == []
    for inputs in ({"x": X[:, :2]}, {"z": X}, {"x": SEED}):
        write_warmup(tmp_path, "vae", {"encode": (inputs, {})}, (1,))
        (fault,) = served.check(tmp_path)["faults"]
        assert "a warm-up request for encode fails" in fault
    write_warmup(tmp_path, "vae", {"encode": ({"x": X}, {}), "score": ({"x": X}, {})}, (1,))
    (fault,) = served.check(tmp_path)["faults"]
    assert "a warm-up request for score fails" in fault


@pytest.mark.parametrize("installed", ["no_serving_messages", "namesake"])
def test_warmup_requests_are_not_read_where_their_messages_are_not_installed(
    tmp_path, request, installed
):
    report(tmp_path, product)
    (tmp_path / served.WARMUP_FILE).write_text("no record " * 100)
    request.getfixturevalue(installed)
    assert served.check(tmp_path)["faults"] == []


def test_files_of_images_come_back_byte_for_byte(tmp_path):
    files = np.array([b"\x89PNG\x00\x01", b"\x00\x00longer", b"x"], dtype=object)
    write_reference(tmp_path, {"encode_image": ({"image_bytes": files}, {"y": X[:3]})})
    inputs, outputs = served.load_reference(tmp_path / served.REFERENCE_FILE)["encode_image"]
    assert inputs["image_bytes"].tolist() == files.tolist()
    np.testing.assert_array_equal(outputs["y"], X[:3])


@pytest.mark.slow
def test_neither_keras_nor_this_package_can_be_imported(exported, tmp_path):
    program = (
        "import runpy, sys\n"
        "runpy.run_path(sys.argv.pop(1), run_name='__main__')\n"
        "assert 'tensorflow' in sys.modules\n"
        "for name in ('keras', 'tf_keras', 'keras_vae', 'tensorflow_probability'):\n"
        "    assert sys.modules[name] is None\n"  # importing it is an ImportError
    )
    arguments = [served.__file__, exported.path, tmp_path / "report"]
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads((tmp_path / "report").read_text())["faults"] == []
