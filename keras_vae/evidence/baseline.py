"""The model that a useful z must beat: p(x) with independent entries and no z at all."""

import numpy as np

__all__ = ["independent_log_evidence"]


def independent_log_evidence(likelihood, x_train, x):
    """log p(x) of the pixel-independent baseline: the likelihood's family, fitted without z.

    What a VAE reaches whose rate has collapsed to 0.

    Args:
        likelihood: `Likelihood`; only its kind is used, its weights stay untouched.
        x_train: (N, *event_shape), what the baseline is fitted to. For dynamic binarisation
            the gray levels, which are the mean of what training draws.
        x: (M, *event_shape).

    Returns:
        float32 array (M,), nats.
    """
    baseline = type(likelihood).from_config(likelihood.get_config())
    parameters = baseline.fit_without_z(x_train)
    return np.asarray(baseline.distribution(parameters[None]).log_prob(x))
