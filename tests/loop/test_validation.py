import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_vae.loop.validation import in_order


@pytest.mark.parametrize(("size", "expected"), [(4, [4, 4, 2]), (None, [10])])
def test_the_batches_are_the_examples_in_their_order(size, expected):
    x = np.arange(30, dtype="float32").reshape(10, 3)
    batches = list(in_order((x, None, None), size))
    assert [len(batch) for batch in batches] == expected
    np.testing.assert_array_equal(tf.concat(batches, 0), x)


def test_parts_of_an_example_stay_together():
    x = {"x": np.eye(5, dtype="float32"), "mask": np.tri(5, dtype="float32")}
    for k, batch in enumerate(in_order((x,), 2)):
        for name, part in x.items():
            np.testing.assert_array_equal(batch[name], part[2 * k : 2 * k + 2])


@pytest.mark.parametrize("also", [(np.zeros(4),), (None, np.ones(4)), (np.zeros(4), np.ones(4))])
def test_labels_and_weights_are_left_to_keras(also):
    validation = (np.eye(4), *also)
    assert in_order(validation, 2) is validation


def test_so_is_what_is_no_array():
    stream = tf.data.Dataset.from_tensors(np.eye(4))
    assert in_order(stream, 2) is stream
    assert in_order(None, 2) is None


def test_the_figures_are_those_of_the_same_batches_in_evaluate(small_vae, binary_x):
    vae = small_vae()
    figures = []

    class Evaluate(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            state.assign(0 * state)
            figures.append(vae.evaluate(binary_x[:50], batch_size=16, verbose=0, return_dict=True))

        def on_test_begin(self, logs=None):
            state.assign(0 * state)  # the same noise for both

    vae.build((None, 6))
    (state,) = [each for each in vae.variables if each.name == "seed_generator_state"]
    history = vae.fit(
        binary_x,
        validation_data=(binary_x[:50],),
        validation_batch_size=16,
        callbacks=[Evaluate()],
        epochs=2,
        verbose=0,
    ).history
    for name, expected in figures[0].items():
        assert history[f"val_{name}"][0] == expected, name
    assert history["val_elbo"][1] == figures[1]["elbo"]
