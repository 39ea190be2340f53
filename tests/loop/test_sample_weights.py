import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_vae.data import TrainingBatches
from keras_vae.errors import ConfigError, DataError
from keras_vae.loop.sample_weights import of_arrays, of_batch

WEIGHTS = np.array([0.5, 0.0, 2.0, 1.0], "float32")
X = np.eye(4, 6, dtype="float32")


def triples(weights, batch=2):
    weights = np.asarray(weights, "float32")
    return tf.data.Dataset.from_tensor_slices((X, X[:, 0], weights)).batch(batch)


def test_weights_without_labels_get_labels_so_that_keras_keeps_them():
    y, weights = of_arrays(X, None, WEIGHTS[:, None])
    assert len(y) == 4
    np.testing.assert_array_equal(weights, WEIGHTS)
    assert of_arrays(X, None, None) == (None, None)
    labels = [1, 2, 3, 4]
    assert of_arrays(X, labels, list(WEIGHTS))[0] is labels


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        (np.ones((4, 6)), r"\(4, 6\).*\(4,\)"),
        (np.ones(3), r"\(3,\).*\(4,\)"),
        (np.float32(1.0), r"\(\).*\(4,\)"),
        ([1, -1, 1, 1], r"at least 0.*\[-1, 1\]"),
        ([1, np.nan, 1, 1], "at least 0"),
        ([1, np.inf, 1, 1], "finite"),
        (["a", "b", "c", "d"], "number"),
    ],
)
@pytest.mark.parametrize("way", ["fit", "evaluate", "validation"])
def test_weights_that_cannot_weigh_are_refused_in_one_line(small_vae, weights, told, way):
    vae = small_vae()
    options = {"validation_data": (X, None, weights)}
    if way != "validation":
        options = {"sample_weight": weights}
    with pytest.raises(DataError, match=told) as error:
        (vae.evaluate if way == "evaluate" else vae.fit)(X, **options, verbose=0)
    assert "\n" not in str(error.value)
    assert vae.optimizer.iterations == 0


@pytest.mark.parametrize("bad", [-1.0, np.nan])
@pytest.mark.parametrize("way", ["fit", "with validation", "evaluate"])
def test_from_a_data_set_too_and_no_step_is_taken_with_them(small_vae, bad, way):
    vae = small_vae()
    before = vae.get_weights()
    data, options = triples([1, 1, 1, bad], 4), {"verbose": 0}
    if way != "evaluate":
        options["shuffle"] = False
    if way == "with validation":
        options["validation_data"] = (X,)
    with pytest.raises(DataError, match="at least 0"):
        (vae.evaluate if way == "evaluate" else vae.fit)(data, **options)
    for one, other in zip(before, vae.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    vae.evaluate(X, verbose=0)  # what came before is no longer looked at


def test_a_batch_of_weights_has_one_for_each_example():
    np.testing.assert_array_equal(of_batch(WEIGHTS[:, None], X), WEIGHTS)
    for wrong in (np.ones((4, 6)), np.ones(3), np.ones(1)):
        with pytest.raises(DataError, match=r"\(4,\)"):
            of_batch(tf.constant(wrong), tf.constant(X))


def test_batches_of_the_package_cannot_be_weighed(small_vae):
    with pytest.raises(ConfigError, match="TrainingBatches have neither"):
        small_vae().fit(TrainingBatches(X, 2), sample_weight=WEIGHTS, verbose=0)


def test_class_weights_need_labels(small_vae):
    for x in (X, tf.data.Dataset.from_tensor_slices(X).batch(2)):
        with pytest.raises(DataError, match="class_weight"):
            small_vae().fit(x, class_weight={0: 1.0, 1: 2.0}, shuffle=False, verbose=0)
    # loss of examples of weight 0 does not count
    y, vae = np.array([0, 1, 1, 1]), small_vae()
    vae.compile(keras.optimizers.SGD(0.0), jit_compile=False)
    history = vae.fit(X, y, class_weight={0: 1.0, 1: 0.0}, verbose=0).history
    alone = vae.evaluate(X[:1], verbose=0, return_dict=True)
    assert history["rate"] == [pytest.approx(alone["rate"], rel=1e-5)]
