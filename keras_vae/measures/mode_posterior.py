"""A Gaussian q(z|x) at the mode of p(z|x), by Gauss-Newton: what a good encoder would give."""

from collections.abc import Callable

import numpy as np

__all__ = ["mode_posterior"]

# Rounds, at most; and nats that another step would gain for an example whose search has ended.
ROUNDS, LEFT = 12, 1e-6
# Width of the differences by which the decoder's derivatives are taken, in prior deviations.
STEP = 1e-2
# What damps a step that goes too far: Levenberg-Marquardt's lambda, over the curvature.
FIRST_DAMPING, SMALLEST_DAMPING, LARGEST_DAMPING = 0.1, 1e-6, 1e6


def mode_posterior(
    log_prob: Callable[[np.ndarray], np.ndarray],
    moments: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
    x: np.ndarray,
    z: np.ndarray,
    beta: float = 1.0,
) -> tuple[np.ndarray, np.ndarray]:
    """The diagonal Gaussian of least D + beta R near the mode, for each example, from z on.

    With m(z) the mean of p(x|z), V its variances, J = dm/dz and H = J^T V^-1 J + beta I:

    z <- z - (H + lambda diag H)^-1 (J^T V^-1 (m - x) + beta z),   var_j = beta / H_jj.

    The first is Gauss-Newton (Fisher scoring in an exponential family) on
    -log p(x|z) + beta |z|^2 / 2, damped after Levenberg and Marquardt; the second is where
    E_q[D] + beta R is least in var_j for that curvature. Exact in one step for a linear-Gaussian
    model (Lucas et al. 2019, arXiv:1911.02469).

    Args:
        log_prob: z (N, d) -> log p(x|z) of each example with the z in its place, (N,), nats.
        moments: z (M N, d), M for each example after all that came before -> (mean, variance) of
            each entry of p(x|z), both (M N, *event_shape).
        x: (N, *event_shape).
        z: (N, d): where to begin, such as the encoder's z_mean.
        beta: weight of the rate, above 0.

    Returns:
        (z_mean, z_log_var): float64 (N, d); z_log_var is the natural log of the VARIANCE. An
        example keeps its z if no step is better.
    """
    x = np.asarray(x, "float64").reshape(len(x), -1)
    z = np.array(z, "float64")
    count, latents = z.shape
    identity = np.eye(latents)
    damping = np.full(count, FIRST_DAMPING)

    def objective(z: np.ndarray) -> np.ndarray:
        # -log p(x|z) + beta |z|^2 / 2
        return beta * np.sum(z**2, axis=1) / 2 - np.asarray(log_prob(_as_float32(z)), "float64")

    def curvature(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Gradient (N, d) and H (N, d, d)."""
        # at z and at a step along each axis, all in one call
        places = np.concatenate([z, *(z + STEP * axis for axis in identity)])
        means, variances = (np.asarray(v, "float64") for v in moments(_as_float32(places)))
        mean, *moved = means.reshape(1 + latents, count, -1)
        variance = variances[:count].reshape(count, -1)
        jacobian = np.stack([(of_step - mean) / STEP for of_step in moved], axis=2)  # (N, D, d)
        weighted = jacobian / variance[..., None]
        gradient = np.einsum("nid,ni->nd", weighted, mean - x) + beta * z
        return gradient, np.einsum("nid,nie->nde", weighted, jacobian) + beta * identity

    here = objective(z)
    gradient, h = curvature(z)
    for _ in range(ROUNDS):
        # what a step without damping gains: g^T H^-1 g / 2
        step = np.linalg.solve(h, gradient[..., None])[..., 0]
        if not np.any(np.sum(gradient * step, axis=1) / 2 > LEFT):
            break
        diagonal = np.einsum("ndd->nd", h)[:, :, None] * identity
        damped = h + damping[:, None, None] * diagonal
        tried = z - np.linalg.solve(damped, gradient[..., None])[..., 0]
        there = objective(tried)
        is_better = there < here
        z = np.where(is_better[:, None], tried, z)
        here = np.where(is_better, there, here)
        damping = np.where(is_better, damping / 10, damping * 10)
        damping = np.clip(damping, SMALLEST_DAMPING, LARGEST_DAMPING)
        gradient, h = curvature(z)
    # var_j = beta / H_jj
    return z, np.log(beta / np.einsum("ndd->nd", h))


def _as_float32(z: np.ndarray) -> np.ndarray:
    return z.astype("float32")
