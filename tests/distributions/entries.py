"""p(x_i|z) of single entries, and the logits at which they are looked at."""

import keras
import numpy as np

from keras_vae import VAE
from keras_vae.networks import mlp_encoder

# both sides of the series around 0, and as far as networks go astray
LOGITS = [0.0, 1e-6, -1e-4, 1e-3, -0.01, 0.05, 0.3, -1.0, 3.0, -10.0, 50.0, -50.0, 88.0, -88.0]


def log_prob(likelihood, x, parameters):
    """log p(x|z) of single entries, as events of one entry each."""
    x = np.asarray(x, "float32")[:, None]
    parameters = np.asarray(parameters, "float32")[:, None]
    return likelihood.distribution(parameters).log_prob(x).numpy()


def outputs(likelihood, rng, count, event_shape, size=1.0):
    """What a decoder may put out: normal numbers, float32, of the shapes that it needs."""
    shapes = likelihood.parameter_shapes(event_shape)
    if not isinstance(shapes, dict):
        return np.float32(size * rng.normal(size=(count, *shapes)))
    return {name: np.float32(size * rng.normal(size=(count, *shapes[name]))) for name in shapes}


def examples(likelihood, rng, count, event_shape):
    """0 and 1 where they have a probability, and otherwise values between them."""
    shape = (count, *event_shape)
    x = rng.integers(0, 2, shape) if likelihood.is_discrete else 0.01 + 0.99 * rng.random(shape)
    return x.astype("float32")


def log_prob_of_entries(likelihood, x, parameters):
    """log p(x|z) of each entry, each an event of its own; own weights of entries as they begin."""
    if any(len(weight.shape) for weight in likelihood.weights):
        likelihood = type(likelihood).from_config(likelihood.get_config())

    def alone(part):
        return np.reshape(part, (-1, 1, *part.shape[x.ndim :]))

    parts = {name: alone(part) for name, part in parameters.items()} if isinstance(
        parameters, dict) else alone(parameters)  # fmt: skip
    return likelihood.distribution(parts).log_prob(alone(x)).numpy().reshape(x.shape)


def pairs(first, second):
    """Every value of `first` with every value of `second`, as two flat float32 arrays."""
    return [values.ravel() for values in np.meshgrid(np.float32(first), np.float32(second))]


def tiny_vae(likelihood, entries=3):
    """A VAE with linear heads for what the likelihood takes, compiled."""
    z = keras.Input((2,))

    def head(shape):
        flat = keras.layers.Dense(int(np.prod(shape)), dtype="float32")(z)
        return keras.layers.Reshape(shape, dtype="float32")(flat)

    shapes = likelihood.parameter_shapes((entries,))
    is_one = not isinstance(shapes, dict)
    heads = head(shapes) if is_one else {name: head(shape) for name, shape in shapes.items()}
    vae = VAE(mlp_encoder((entries,), 2, (4,)), keras.Model(z, heads), likelihood, seed=0)
    vae.compile(keras.optimizers.Adam(1e-2), jit_compile=False)
    return vae
