"""How much better than the prior would one be that is fitted to the codes?"""

import numpy as np

__all__ = ["mixture_gain"]

GAUSSIANS = 10
# Codes that one of them is fitted to, at least.
FEWEST = 20
SMALLEST_VARIANCE = 1e-3


def mixture_gain(
    fitted: np.ndarray, z: np.ndarray, seed: int = 0, log_prior: np.ndarray | None = None
) -> np.ndarray:
    """What a mixture of Gaussians g in place of the prior p would gain in the ELBO.

    gain(z) = log g(z) - log p(z), whose mean over q(z) is KL(q || p) - KL(q || g): a lower bound on
    the marginal KL of the prior (Hoffman & Johnson 2016, "ELBO surgery"; a prior that is learnt:
    Tomczak & Welling 2018, arXiv:1705.07120).

    Args:
        fitted: (M, d), draws of q(z) to which ten Gaussians, or fewer if M is small, are fitted.
        z: (N, d), other draws of q(z).
        seed: of where the fit begins.
        log_prior: log p(z) of these z, (N,), nats; None: of N(0, I).

    Returns:
        float64 (N,), nats.
    """
    # Here, because every command would wait for it.
    from sklearn.mixture import GaussianMixture

    count = max(1, min(GAUSSIANS, len(fitted) // FEWEST))
    mixture = GaussianMixture(count, reg_covar=SMALLEST_VARIANCE, random_state=seed)
    mixture.fit(np.asarray(fitted, "float64"))
    z = np.asarray(z, "float64")
    if log_prior is None:
        log_prior = -0.5 * np.sum(z**2 + np.log(2 * np.pi), axis=1)
    return mixture.score_samples(z) - np.asarray(log_prior, "float64")
