"""The likelihood p(x|z): a distribution over x, given what the decoder outputs for z."""

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp
from keras import ops

from keras_vae.distributions.bounds import inverse_soft_bound, soft_bound
from keras_vae.errors import DataError

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

    def log_prob(self, x, parameters):
        """log p(x|z) of each x with the z of its own row, float32 (batch,), nats.

        The same as `distribution(parameters).log_prob(x)`, for where it is needed often.

        Raises:
            DataError: if x and the parameters have different event shapes.
        """
        _refuse_to_broadcast(x, parameters)
        return self.distribution(parameters).log_prob(x)

    def log_prob_of_pairs(self, x, parameters):
        """log p(x|z) of every x with every z.

        Args:
            x: float32 tensor (N, *event_shape).
            parameters: the decoder's output for M latents, float32 tensor (M, *event_shape).

        Returns:
            float32 tensor (N, M), nats.
        """
        return self.distribution(parameters).log_prob(x[:, None])

    def check(self, x):
        """Refuses values that p(x|z) gives no meaning to: NaN, infinite, outside the support.

        Args:
            x: NumPy (N, *event_shape).

        Raises:
            DataError: with what was found, and the choices.
        """
        if not x.size:
            return
        least, most = float(x.min()), float(x.max())
        if not (np.isfinite(least) and np.isfinite(most)):
            rows = np.unique(np.argwhere(~np.isfinite(x))[:, 0])
            nan, infinite = np.count_nonzero(np.isnan(x)), np.count_nonzero(np.isinf(x))
            count, kind = (nan, "NaN value") if nan else (infinite, "infinite value")
            raise DataError(
                f"x holds {count} {kind}{'' if count == 1 else 's'}, in {len(rows)} of {len(x)} "
                f"examples, the first in row {rows[0]}: leave those examples out, or fill the "
                f"values in"
            )
        low, high = self.support
        if not (low <= least and most <= high):
            raise DataError(
                f"{type(self).__name__} describes values in [{low}, {high}], got values in "
                f"[{least:g}, {most:g}]; scale them, or choose likelihood='gaussian'"
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
    """p(x_i = 1|z) = sigmoid(decoder output): for binary x. The decoder outputs logits."""

    support = (0, 1)
    is_discrete = True

    def _entries(self, parameters):
        return tfd.Bernoulli(logits=parameters, dtype=tf.float32)

    def log_prob(self, x, parameters):
        # log p(x|z) = sum_i x_i a_i - log(1 + exp(a_i)) for logits a; a third of the time that
        # tfp takes, which guards against cases that logits do not have
        _refuse_to_broadcast(x, parameters)
        return tf.reduce_sum(_flat(x * parameters - tf.nn.softplus(parameters)), axis=1)

    def log_prob_of_pairs(self, x, parameters):
        return _log_prob_of_logit_pairs(self, x, parameters)

    def fit_without_z(self, x):
        # logit(m) = log m - log(1 - m)
        mean = _mean_inside_unit_interval(x)
        return (np.log(mean) - np.log1p(-mean)).astype("float32")


@keras.saving.register_keras_serializable(package="keras_vae")
class ContinuousBernoulli(Likelihood):
    """p(x_i|z) = C(l) l^x_i (1 - l)^(1 - x_i), l = sigmoid(decoder output): for x in [0, 1].

    Loaiza-Ganem & Cunningham 2019, arXiv:1907.06845. The decoder outputs logits of l, and
    the mean of x_i is not l.
    """

    support = (0, 1)

    def _entries(self, parameters):
        return tfd.ContinuousBernoulli(logits=parameters)

    def log_prob_of_pairs(self, x, parameters):
        return _log_prob_of_logit_pairs(self, x, parameters)

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

    sigma lies between 0.0025 and 400 standard deviations of the data: of those that
    `fit_without_z` was given, and 1 before. It is saved with the weights, as `data_log_var`.
    """

    # Of log(sigma^2 / variance of the data).
    X_LOG_VAR_RANGE = (-12.0, 12.0)

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.x_log_var = self.add_weight(name="x_log_var", shape=(), initializer="zeros")
        self.data_log_var = self.add_weight(
            name="data_log_var", shape=(), initializer="zeros", trainable=False
        )

    @property
    def sigma(self):
        """The learned standard deviation of each entry of x given z: float32 scalar tensor."""
        x_log_var, data_log_var = map(ops.convert_to_tensor, (self.x_log_var, self.data_log_var))
        relative = soft_bound(x_log_var - data_log_var, *self.X_LOG_VAR_RANGE)
        return ops.exp((data_log_var + relative) / 2)

    def load_own_variables(self, store):
        if "1" not in store:  # saved before the range followed the data
            self.x_log_var.assign(store["0"])
            self.data_log_var.assign(0.0)
            return
        super().load_own_variables(store)

    def _entries(self, parameters):
        return tfd.Normal(parameters, self.sigma)

    def log_prob_of_pairs(self, x, parameters):
        # |x - m|^2 = |x|^2 - 2 x . m + |m|^2, in float64 because the terms cancel
        x, mean = (tf.cast(_flat(values), tf.float64) for values in (x, parameters))
        squares = tf.reduce_sum(x**2, 1)[:, None] + tf.reduce_sum(mean**2, 1)
        distances = squares - 2 * tf.matmul(x, mean, transpose_b=True)
        log_normaliser = tfd.Normal(0.0, self.sigma).log_prob(0.0) * x.shape[1]
        log_prob = -distances / (2 * tf.cast(self.sigma, tf.float64) ** 2)
        return tf.cast(log_prob, tf.float32) + log_normaliser

    def fit_without_z(self, x):
        # sigma^2 = the mean squared distance from the mean
        mean = np.mean(x, axis=0, dtype="float64")
        variance = np.mean(np.square(x - mean), dtype="float64")
        # What float32 does not resolve beside the mean is no variance; of zeros alone there is none
        resolved = np.finfo("float32").eps ** 2 * np.mean(np.square(mean))
        variance = max(variance, resolved, np.finfo("float32").tiny)
        self.data_log_var.assign(np.log(variance))
        self.x_log_var.assign(np.log(variance) + inverse_soft_bound(0.0, *self.X_LOG_VAR_RANGE))
        return mean.astype("float32")


def _refuse_to_broadcast(x, parameters):
    """Refuses x with other axes than the parameters: TensorFlow would repeat it in silence."""
    x, parameters = tf.TensorShape(x.shape), tf.TensorShape(parameters.shape)
    if not x[1:].is_compatible_with(parameters[1:]):
        raise DataError(
            f"x has shape {tuple(x)}, and p(x|z) is over {tuple(parameters[1:])}: reshape x to "
            f"(N, *event_shape)"
        )


def _flat(values):
    """(batch, *event_shape) -> (batch, entries)."""
    return tf.reshape(values, [-1, np.prod(values.shape[1:], dtype=int)])


def _log_prob_of_logit_pairs(likelihood, x, logits):
    """log p(x|z) = a . x + log p(0|z) for logits a: one matrix product for all pairs."""
    log_prob_of_zeros = likelihood.log_prob(tf.zeros_like(logits), logits)
    return tf.matmul(_flat(x), _flat(logits), transpose_b=True) + log_prob_of_zeros


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
