"""The KL weight for which a trained encoder is optimal, measured without the training code."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from keras_vae.measures.standard_error import standard_error

__all__ = ["ImpliedBeta", "implied_beta"]

# Relative change of the posterior's std, each way.
STEP = 0.02
# Nats: with a smaller slope of the rate everything has collapsed, and the ratio is 0 / 0.
SMALLEST_SLOPE = 0.05
# Part by which the posterior's means are scaled, at most, to see what that gains.
LARGEST_SHIFT = 0.1
# So that it differs from the noise of data that were made with the same seed.
SALT = 4022
CLEAR = 2.0


@dataclass(frozen=True)
class ImpliedBeta:
    """The weight, or why there is none.

    Attributes:
        beta: the weight b / a of training on a * distortion + b * rate; NaN if undetermined.
        standard_error: over the N examples, of a ratio of two means; NaN if undetermined.
        distortion_slope: mean d distortion / d log s, nats, s the scale of the posterior's std.
        rate_slope: mean d rate / d log s, nats; near 0 where everything has collapsed.
        by_means, by_means_standard_error: the weight by scaling the posterior's means instead;
            NaN if undetermined.
        gain, gain_standard_error: what scaling the posterior's means by up to a tenth would gain
            in the loss of that beta, nats; NaN if undetermined.
    """

    beta: float
    standard_error: float
    distortion_slope: float
    rate_slope: float
    by_means: float
    by_means_standard_error: float
    gain: float
    gain_standard_error: float

    @property
    def is_determined(self) -> bool:
        """Whether the rate depends on the posterior's width at all."""
        return bool(np.isfinite(self.beta))

    def is_settled(self, nats: float) -> bool:
        """Whether a weight fits widths and means, as it must where training of the encoder has
        ended; if not, the value is meaningless.

        Args:
            nats: that scaling the means may gain, because no training ends exactly.
        """
        is_possible = self.is_determined and self.beta + CLEAR * self.standard_error > 0
        return bool(is_possible and self.gain - CLEAR * self.gain_standard_error < nats)


def implied_beta(
    z_mean: np.ndarray,
    z_log_var: np.ndarray,
    distortion: Callable[[np.ndarray], np.ndarray],
    seed: int = 0,
) -> ImpliedBeta:
    """The weight of the rate at which the posterior's width is best as it is.

    Training on a D + b R ends where no change of the encoder helps, scaling every posterior std
    by s among them: a dD/ds + b dR/ds = 0 at s = 1. So

    beta = b / a = -D' / R', D' = (D(1 + e) - D(1 - e)) / 2 e, R' = sum_j var_j - 1,

    with D and R means over the examples, e = 0.02 and the same noise on both sides. The same for
    the posterior's means, with R' = sum_j mean_j^2: two conditions, one weight. Where the decoder
    is sharp, means that are off by a thousandth give another weight; so they are compared with the
    first by what scaling them would gain, g^2 / 2 h with g and h the first two derivatives of D +
    beta R by log s. It needs a model and data, no training code; so it shows a mean where a sum
    should be, on either side: n entries an example and d latents give n, 1 / d or n / d in place of
    1. It holds for examples that the model was trained on, for an encoder that has nearly
    converged, and for the ELBO as objective (not for the importance-weighted bound).

    Derivation: stationarity, above. On the linear-Gaussian VAE it is exact (see the tests).

    Args:
        z_mean, z_log_var: (N, d), of training examples; z_log_var is the natural log of the
            VARIANCE.
        distortion: function of z (N, d), float32, one for each example in its place, to
            -log p(x|z), (N,), nats.
        seed: of the noise.

    Returns:
        `ImpliedBeta`.
    """
    z_mean, z_log_var = (np.asarray(values, "float64") for values in (z_mean, z_log_var))
    noise = np.exp(z_log_var / 2) * np.random.default_rng((seed, SALT)).standard_normal(
        z_mean.shape
    )

    def distortion_at(z: np.ndarray) -> np.ndarray:
        return np.asarray(distortion(z.astype("float32")), "float64")

    def slopes(z_at: Callable[[float], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        up, down = distortion_at(z_at(1 + STEP)), distortion_at(z_at(1 - STEP))
        return (up - down) / (2 * STEP), (up + down - 2 * here) / STEP**2

    here = distortion_at(z_mean + noise)
    by_width, _ = slopes(lambda s: z_mean + s * noise)
    by_means, curvature = slopes(lambda s: s * z_mean + noise)
    # R = 1/2 sum_j s^2 var_j + mean_j^2 - 1 - log(s^2 var_j), so R' = sum_j var_j - 1 at s = 1
    rate_by_width = np.sum(np.exp(z_log_var) - 1, axis=1)
    # R = 1/2 sum_j s^2 mean_j^2 + ..., so R' = R'' = sum_j mean_j^2
    rate_by_means = np.sum(z_mean**2, axis=1)
    beta, error = _weight(by_width, rate_by_width)
    weight = max(beta, 0.0)  # a negative one is none
    return ImpliedBeta(
        beta,
        error,
        float(by_width.mean()),
        float(rate_by_width.mean()),
        *_weight(by_means, rate_by_means),
        *_gain(by_means + weight * rate_by_means, curvature + weight * rate_by_means),
    )


def _gain(slopes: np.ndarray, curvatures: np.ndarray) -> tuple[float, float]:
    """(largest fall of slope * t + curvature * t^2 / 2 over |t| <= 0.1, its standard error)."""
    slope, curvature = slopes.mean(), curvatures.mean()
    size = LARGEST_SHIFT
    if curvature > 0:
        size = min(size, abs(slope) / curvature)
    gain = abs(slope) * size - curvature * size**2 / 2
    return float(gain), float(size * standard_error(slopes))


def _weight(distortion_slopes: np.ndarray, rate_slopes: np.ndarray) -> tuple[float, float]:
    """(-D' / R', its standard error); NaN where R' is too near 0."""
    bottom = rate_slopes.mean()
    if abs(bottom) < SMALLEST_SLOPE:
        return np.nan, np.nan
    beta = -distortion_slopes.mean() / bottom
    # Var(beta) = Var(D' + beta R') / (N R'^2), the delta method for a ratio of means
    error = standard_error(distortion_slopes + beta * rate_slopes) / abs(bottom)
    return float(beta), float(error)
