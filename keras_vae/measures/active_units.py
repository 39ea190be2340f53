"""How many latents carry information about x."""

import numpy as np

__all__ = ["ACTIVE_VARIANCE", "active_units"]

# Threshold of Burda, Grosse & Salakhutdinov 2016, arXiv:1509.00519, section 5.2.
ACTIVE_VARIANCE = 0.01


def active_units(z_mean: np.ndarray, threshold: float = ACTIVE_VARIANCE) -> np.ndarray:
    """Which latents are active: Var_x(E_q(z|x)[z_j]) > threshold.

    Args:
        z_mean: (N, d), posterior means over the data.
        threshold: variance above which a latent counts as active.

    Returns:
        bool array (d,); its sum is the number of active units.
    """
    return np.var(np.asarray(z_mean), axis=0, dtype="float64") > threshold
