"""Is the z that an encoder draws z_mean + std * epsilon with independent standard normal noise?"""

from dataclasses import dataclass

import numpy as np

__all__ = ["NoiseAudit", "noise_audit"]

# Of a std over |z_mean|: a hundredth of it is still several steps of float32.
RESOLUTION = 2e-5


@dataclass(frozen=True)
class NoiseAudit:
    """What the noise is like, where N(0, 1), independent, has mean 0, std 1 and correlations 0.

    Attributes:
        mean, std: of epsilon over all draws.
        mean_standard_error, std_standard_error: theirs if epsilon is standard normal.
        row_correlation: mean correlation of the noise of different examples of one call; near 1
            where a batch shares its noise.
        call_correlation: mean correlation of the noise of one example in successive calls; 1
            where each call draws the same.
        correlation_standard_error: of either if the noise is independent.
        std_slope: slope of log |z - z_mean| over log std; 1 where the noise is scaled by the std,
            0 where it is not scaled, 2 where the variance is taken for the std.
        std_slope_standard_error: of the fit; infinite where the std does not vary.
    """

    mean: float
    mean_standard_error: float
    std: float
    std_standard_error: float
    row_correlation: float
    call_correlation: float
    correlation_standard_error: float
    std_slope: float
    std_slope_standard_error: float


def noise_audit(z: np.ndarray, z_mean: np.ndarray, z_log_var: np.ndarray) -> NoiseAudit:
    """Takes the noise out of draws of z: epsilon = (z - z_mean) / std.

    Args:
        z: (calls, N, d): the same N examples, encoded and sampled in several calls.
        z_mean, z_log_var: (N, d), as the encoder reports them; z_log_var is the natural log of
            the VARIANCE.

    Returns:
        `NoiseAudit`, of those latents whose noise is larger than the rounding of float32 (of all,
        if there are none).

    Raises:
        ValueError: if there are fewer than 2 calls or 2 examples.
    """
    z, z_mean, z_log_var = (np.asarray(values, "float64") for values in (z, z_mean, z_log_var))
    if len(z) < 2 or z.shape[1] < 2:
        raise ValueError(f"z has shape {z.shape}: expected at least 2 calls of 2 examples")
    std = np.exp(z_log_var / 2)
    # in float32 z keeps no noise that is much narrower than z is long
    is_kept = np.all(std > RESOLUTION * np.abs(z_mean), axis=0)  # (d,)
    if is_kept.any():
        z, z_mean, z_log_var, std = (v[..., is_kept] for v in (z, z_mean, z_log_var, std))
    epsilon = (z - z_mean) / std  # (calls, N, d)
    size, power = epsilon.size, np.mean(epsilon**2)
    # Neighbours: each example with the next of its call, each call with the next.
    across_rows = np.mean(epsilon[:, 1:] * epsilon[:, :-1]) / power if power else np.nan
    across_calls = np.mean(epsilon[1:] * epsilon[:-1]) / power if power else np.nan
    slope, slope_error = _slope_over_log_std(z - z_mean, z_log_var)
    return NoiseAudit(
        mean=float(epsilon.mean()),
        mean_standard_error=size**-0.5,
        std=float(epsilon.std()),
        std_standard_error=(2 * size) ** -0.5,
        row_correlation=float(across_rows),
        call_correlation=float(across_calls),
        correlation_standard_error=(epsilon[1:, 1:].size) ** -0.5,
        std_slope=slope,
        std_slope_standard_error=slope_error,
    )


def _slope_over_log_std(deviation: np.ndarray, z_log_var: np.ndarray) -> tuple[float, float]:
    """Least squares of log rms deviation, over the calls, on log std: slope and its error."""
    square = np.mean(deviation**2, axis=0)
    used = square > 0
    log_std, log_rms = z_log_var[used] / 2, np.log(square[used]) / 2
    if len(log_std) < 3 or np.ptp(log_std) == 0:
        return float("nan"), float("inf")
    centred = log_std - log_std.mean()
    slope = np.sum(centred * log_rms) / np.sum(centred**2)
    residual = log_rms - log_rms.mean() - slope * centred
    error = np.sqrt(np.sum(residual**2) / (len(residual) - 2) / np.sum(centred**2))
    return float(slope), float(error)
