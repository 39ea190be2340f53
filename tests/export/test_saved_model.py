import numpy as np
import tensorflow as tf

from keras_vae.export.saved_model import write_saved_model
from keras_vae.export.signatures import signatures


def variables(folder):
    """Shape of every variable in the checkpoint of a SavedModel, sorted."""
    listed = tf.train.list_variables(str(folder / "variables" / "variables"))
    return sorted(tuple(shape) for name, shape in listed if "CHECKPOINTABLE" not in name)


def test_only_the_weights_are_saved(small_vae, binary_x, tmp_path):
    vae = small_vae()
    vae.fit(binary_x, verbose=0)  # gives the optimizer its own variables
    write_saved_model(tmp_path, signatures(vae, 2))
    assert variables(tmp_path) == sorted(tuple(weight.shape) for weight in vae.weights)


def test_the_learned_sigma_is_saved(small_vae, binary_x, tmp_path):
    vae = small_vae(likelihood="gaussian")
    vae.likelihood.x_log_var.assign(-3.0 / vae.likelihood.speed)
    write_saved_model(tmp_path, signatures(vae, 2))
    inputs = {"x": tf.constant(binary_x[:1]), "seed": tf.constant([5], tf.int64)}
    score = tf.saved_model.load(str(tmp_path)).signatures["score"]
    low = score(**inputs)["distortion"].numpy()
    vae.likelihood.x_log_var.assign(0.0 / vae.likelihood.speed)
    np.testing.assert_array_equal(score(**inputs)["distortion"], low)  # a copy of its own
    write_saved_model(tmp_path / "other", signatures(vae, 2))
    other = tf.saved_model.load(str(tmp_path / "other")).signatures["score"]
    assert other(**inputs)["distortion"].numpy() != low


def test_inputs_and_outputs_have_names_and_a_free_batch(small_vae, tmp_path):
    write_saved_model(tmp_path, signatures(small_vae(), 2))
    loaded = tf.saved_model.load(str(tmp_path)).signatures
    score = loaded["score"]
    _, inputs = score.structured_input_signature
    assert {name: (spec.shape.as_list(), spec.dtype) for name, spec in inputs.items()} == {
        "x": ([None, 6], tf.float32),
        "seed": ([None], tf.int64),
    }
    for signature in loaded.values():
        for output in signature.structured_outputs.values():
            assert output.shape.as_list()[0] is None
            assert output.dtype == tf.float32
