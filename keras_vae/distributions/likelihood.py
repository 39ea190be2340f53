"""The likelihood p(x|z): a distribution over x, given what the decoder puts out for z."""

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp
from keras import ops

from keras_vae.distributions.bounds import inverse_soft_bound, soft_bound

__all__ = ["LIKELIHOODS", "Bernoulli", "ContinuousBernoulli", "Gaussian", "Likelihood"]

tfd = tfp.distributions


class Likelihood(keras.layers.Layer):
    """Base of the likelihoods: turns the decoder's output into p(x|z).

    A Keras layer, because a likelihood may own weights (`Gaussian` does). Called on the
    decoder's output it returns the mean of p(x|z), the reconstruction. Always float32.
    """

    # The range of x that the likelihood can describe.
    support = (-np.inf, np.inf)

    # Whether log p(x|z) is the log of a probability, so that bits per dimension exist;
    # otherwise it is the log of a density.
    is_discrete = False

    def __init__(self, **kwargs):
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)

    def call(self, parameters):
        return self.distribution(parameters).mean()

    def distribution(self, parameters):
        """p(x|z) with one event for each example.

        Args:
            parameters: the decoder's output, float (batch, *event_shape).

        Returns:
            `tfd.Independent` of batch shape (batch,) and event shape `event_shape`.
        """
        parameters = tf.cast(parameters, tf.float32)
        return tfd.Independent(self._entries(parameters), parameters.shape.rank - 1)

    def check(self, x):
        """Refuses examples outside the support, to which p(x|z) gives no meaning.

        Args:
            x: NumPy (N, *event_shape).

        Raises:
            ValueError: with the range found, and the choices.
        """
        low, high = self.support
        if x.size and not (low <= x.min() and x.max() <= high):
            raise ValueError(
                f"{type(self).__name__} describes values in [{low}, {high}], got values in "
                f"[{x.min():g}, {x.max():g}]; scale them, or choose likelihood='gaussian'"
            )

    def _entries(self, parameters):
        """p(x_i|z) for each entry of x by itself, with the shape of `parameters`."""
        raise NotImplementedError(f"{type(self).__name__} must define _entries")

    def fit_without_z(self, x):
        """The constant decoder output under which p(x|z) fits `x` best when z is ignored.

        Where training starts (the decoder's output bias), and the model that a useful z must
        beat (the pixel-independent baseline). Sets the likelihood's own weights to match.

        Args:
            x: NumPy (N, *event_shape), the training data.

        Returns:
            NumPy float32 array of shape `event_shape`.
        """
        raise NotImplementedError(f"{type(self).__name__} must define fit_without_z")


@keras.saving.register_keras_serializable(package="keras_vae")
class Bernoulli(Likelihood):
    """p(x_i = 1|z) = sigmoid(decoder output): for binary x. The decoder puts out logits."""

    support = (0, 1)
    is_discrete = True

    def _entries(self, parameters):
        return tfd.Bernoulli(logits=parameters, dtype=tf.float32)

    def fit_without_z(self, x):
        # logit(m) = log m - log(1 - m)
        mean = _mean_inside_unit_interval(x)
        return (np.log(mean) - np.log1p(-mean)).astype("float32")


@keras.saving.register_keras_serializable(package="keras_vae")
class ContinuousBernoulli(Likelihood):
    """p(x_i|z) = C(l) l^x_i (1 - l)^(1 - x_i), l = sigmoid(decoder output): for x in [0, 1].

    Loaiza-Ganem & Cunningham 2019, arXiv:1907.06845. The decoder puts out logits of l, and
    the mean of x_i is not l.
    """

    support = (0, 1)

    def _entries(self, parameters):
        return tfd.ContinuousBernoulli(logits=parameters)

    def fit_without_z(self, x):
        # In an exponential family the best fit matches the mean. It rises with the logit a and
        # is near 1 / |a| at the ends, so |a| <= 2 / min(m, 1 - m) brackets the root: bisect.
        mean = _mean_inside_unit_interval(x)
        high = 2.0 / np.minimum(mean, 1.0 - mean)
        low = -high
        for _ in range(80):
            middle = (low + high) / 2
            is_below = _continuous_bernoulli_mean(middle) < mean
            low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
        return ((low + high) / 2).astype("float32")


@keras.saving.register_keras_serializable(package="keras_vae")
class Gaussian(Likelihood):
    """p(x|z) = N(decoder output, sigma^2 I) with ONE learned sigma, shared by all entries of x.

    The sigma-VAE of Rybkin, Daniilidis & Levine 2021, arXiv:2006.13202: learning sigma
    weighs distortion against rate as the data demand, so that beta can stay 1.
    """

    # sigma between 0.0025 and 400 in the unit of the data.
    X_LOG_VAR_RANGE = (-12.0, 12.0)

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.x_log_var = self.add_weight(name="x_log_var", shape=(), initializer="zeros")

    @property
    def sigma(self):
        """The learned standard deviation of each entry of x given z: float32 scalar tensor."""
        x_log_var = soft_bound(ops.convert_to_tensor(self.x_log_var), *self.X_LOG_VAR_RANGE)
        return ops.exp(x_log_var / 2)

    def _entries(self, parameters):
        return tfd.Normal(parameters, self.sigma)

    def fit_without_z(self, x):
        # sigma^2 = the mean squared distance from the mean
        mean = np.mean(x, axis=0, dtype="float64")
        variance = np.mean(np.square(x - mean), dtype="float64")
        x_log_var = np.log(np.maximum(variance, np.finfo("float64").tiny))
        self.x_log_var.assign(inverse_soft_bound(x_log_var, *self.X_LOG_VAR_RANGE))
        return mean.astype("float32")


def _mean_inside_unit_interval(x):
    """Mean of each entry over N examples, plus half a 0 and half a 1 (Krichevsky-Trofimov):
    an entry that was never 1 in training may still be 1 in a test example."""
    return (np.sum(x, axis=0, dtype="float64") + 0.5) / (len(x) + 1.0)


def _continuous_bernoulli_mean(logits):
    """E[x] = 1 / (1 - exp(-a)) - 1 / a in float64, by its series where the terms cancel."""
    is_small = np.abs(logits) < 1e-3
    a = np.where(is_small, 1.0, logits)
    with np.errstate(over="ignore"):
        mean = -1.0 / np.expm1(-a) - 1.0 / a
    return np.where(is_small, 0.5 + logits / 12.0, mean)


LIKELIHOODS = {
    "bernoulli": Bernoulli,
    "gaussian": Gaussian,
    "continuous_bernoulli": ContinuousBernoulli,
}
