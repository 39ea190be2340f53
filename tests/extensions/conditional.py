"""A network with a condition: p(x|z, c) and q(z|x, c), c one of three classes."""

import keras
import numpy as np
from keras import layers

from keras_vae import VAE

CLASSES = 3


def given(x):
    """x with a class that tells the clusters apart, all but one in ten."""
    classes = (x[:, 0] > 1).astype(int)
    classes[::10] = 2
    return {"x": x, "condition": np.eye(CLASSES, dtype="float32")[classes]}


def network(name, size, heads):
    """A multilayer perceptron of `name` and the condition."""
    inputs = {
        name: keras.Input((size,), name=name),
        "condition": keras.Input((CLASSES,), name="condition"),
    }
    h = layers.Dense(16, activation="relu")(layers.Concatenate()(list(inputs.values())))
    outputs = [layers.Dense(head)(h) for head in heads]
    return keras.Model(inputs, outputs if len(outputs) > 1 else outputs[0])


def make(x):
    entries = x.shape[1]
    encoder, decoder = network("x", entries, (2, 2)), network("z", 2, (entries,))
    return VAE(encoder, decoder, "gaussian", seed=0)
