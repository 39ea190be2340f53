"""Watching a training does not change it."""

import keras
import numpy as np
import pytest

from keras_vae import VAE
from keras_vae.monitoring import EventLog, LatentRates, TensorBoardPictures, TrainingState


@keras.saving.register_keras_serializable(package="tests")
class Counter(keras.layers.Layer):
    """A user's layer that changes its state, and draws, in every call."""

    def build(self, shape):
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False)
        self.noise = keras.random.SeedGenerator(1)

    def call(self, x):
        self.calls.assign_add(1.0)
        return x + 0.01 * keras.random.normal(keras.ops.shape(x), seed=self.noise)


def fitted(x, callbacks, with_counter):
    """Everything that a training leaves: all variables, the optimizer's, and the history."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((6,))
    h = keras.layers.Dense(8, activation="tanh", activity_regularizer="l2")(inputs)
    h = keras.layers.Dropout(0.2)(keras.layers.BatchNormalization()(h))
    h = Counter()(h) if with_counter else h
    encoder = keras.Model(inputs, [keras.layers.Dense(2)(h), keras.layers.Dense(2)(h)])
    decoder = keras.Sequential([keras.Input((2,)), keras.layers.Dense(6)])
    vae = VAE(encoder, decoder, seed=0)
    vae.compile("adam", jit_compile=False)
    history = vae.fit(
        x, epochs=3, batch_size=32, validation_data=(x[:50],), verbose=0, callbacks=callbacks
    )
    variables = [*vae.variables, *vae.optimizer.variables]
    return [np.asarray(v) for v in variables], history.history


@pytest.mark.parametrize("with_counter", [False, True])
def test_a_training_that_is_watched_is_the_same_bit_for_bit(binary_x, tmp_path, with_counter):
    callbacks = [TrainingState(binary_x)]
    if not with_counter:  # to encode is a call, and such a layer counts calls
        callbacks += [LatentRates(binary_x), TensorBoardPictures(tmp_path, binary_x, every=1)]
    callbacks += [EventLog(tmp_path / "events.jsonl")]
    alone, history_alone = fitted(binary_x, [], with_counter)
    watched, history = fitted(binary_x, callbacks, with_counter)
    assert len(alone) == len(watched)
    for before, after in zip(alone, watched, strict=True):
        np.testing.assert_array_equal(before, after)
    assert {name: history[name] for name in history_alone} == history_alone
    assert "gradient_norm" in history
