"""A VAE whose p(x) is a known normal distribution, of x with gaps; its q(z|x) is the prior."""

import keras
import numpy as np
from keras import layers

from keras_vae import VAE
from keras_vae.distributions import Gaussian

WEIGHTS = np.float32([[1.0, -0.5, 2.0]])  # z of one number -> three entries
MEAN = np.float32([1.0, 0.0, -2.0])
SIGMA = 0.5
COVARIANCE = WEIGHTS.T.astype("float64") @ WEIGHTS + SIGMA**2 * np.eye(3)


def linear_vae():
    """x|z ~ N(z WEIGHTS + MEAN, SIGMA^2 I), q(z|x) = N(0, 1)."""
    inputs = {name: keras.Input((3,), name=name) for name in ("x", "mask")}
    both = layers.Concatenate()([inputs["x"], inputs["mask"]])
    heads = [layers.Dense(1, kernel_initializer="zeros", name=name)(both) for name in "ab"]
    decoder = keras.Sequential([keras.Input((1,)), layers.Dense(3)])
    decoder.layers[0].set_weights([WEIGHTS, MEAN])
    gaussian = Gaussian()
    gaussian.set_sigma(SIGMA)
    return VAE(keras.Model(inputs, heads), decoder, gaussian, seed=0)


def conditional(x, mask):
    """(mean, covariance) of the missing entries of one row, given those that are there."""
    there, missing = mask == 1, mask == 0
    gain = COVARIANCE[np.ix_(missing, there)] @ np.linalg.inv(COVARIANCE[np.ix_(there, there)])
    mean = MEAN[missing] + gain @ (x[there] - MEAN[there])
    return mean, COVARIANCE[np.ix_(missing, missing)] - gain @ COVARIANCE[np.ix_(there, missing)]
