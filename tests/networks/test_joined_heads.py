import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_vae.networks import mlp_encoder
from keras_vae.networks.joined_heads import JoinedHeads

X = np.random.default_rng(0).normal(size=(5, 2, 3)).astype("float32")


def foreign(*heads, kind=keras.Model):
    x = keras.Input((2, 3))
    h = keras.layers.Flatten()(x)
    return kind(x, [head(h) for head in heads])


class Negated(type(foreign(keras.layers.Dense(2)))):
    def call(self, *args, **kwargs):
        return [-output for output in super().call(*args, **kwargs)]


def products(function):
    graph = tf.function(lambda: function({"x": X}, True)).get_concrete_function().graph
    return sum(each.type == "MatMul" for each in graph.get_operations())


def randomized(encoder):
    rng = np.random.default_rng(1)
    encoder.set_weights([rng.normal(size=w.shape) for w in encoder.get_weights()])
    return encoder


@pytest.mark.parametrize("again", [lambda encoder: encoder, keras.models.clone_model])
def test_both_heads_are_one_product_with_the_encoders_own_results_and_gradients(again):
    encoder = randomized(again(mlp_encoder((2, 3), 4, hidden=(8,))))
    joined, results = JoinedHeads(encoder), []
    assert products(joined) == 2
    for call in (lambda: joined({"x": X}, True), lambda: encoder(X, training=True)):
        with tf.GradientTape() as tape:
            z_mean, z_log_var = call()
            loss = tf.reduce_sum(z_mean**2) + tf.reduce_sum(tf.sin(z_log_var))
        results.append([z_mean, z_log_var, *tape.gradient(loss, encoder.trainable_variables)])
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    "encoder",
    [
        foreign(keras.layers.Dense(2, activation="tanh"), keras.layers.Dense(2)),
        foreign(keras.layers.Dense(2, use_bias=False), keras.layers.Dense(2)),
        foreign(keras.layers.Dense(2), keras.layers.Dense(3)),
        foreign(*[keras.layers.Dense(2)] * 2),
        foreign(keras.layers.Dense(2), keras.layers.Dense(2), kind=Negated),
        keras.Sequential([keras.Input((2, 3)), keras.layers.Flatten(), keras.layers.Dense(4)]),
    ],
)
def test_an_encoder_that_ends_otherwise_is_called_as_it_is(encoder):
    given = JoinedHeads(randomized(encoder))({"x": X}, True)
    for one, other in zip(given, encoder(X, training=True), strict=True):
        np.testing.assert_array_equal(one, other)
