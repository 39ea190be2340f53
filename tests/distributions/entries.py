"""p(x_i|z) of single entries, and the logits at which they are looked at."""

import numpy as np

# both sides of the series around 0, and as far as networks go astray
LOGITS = [0.0, 1e-6, -1e-4, 1e-3, -0.01, 0.05, 0.3, -1.0, 3.0, -10.0, 50.0, -50.0, 88.0, -88.0]


def log_prob(likelihood, x, parameters):
    """log p(x|z) of single entries, as events of one entry each."""
    x = np.asarray(x, "float32")[:, None]
    parameters = np.asarray(parameters, "float32")[:, None]
    return likelihood.distribution(parameters).log_prob(x).numpy()


def pairs(first, second):
    """Every value of `first` with every value of `second`, as two flat float32 arrays."""
    return [values.ravel() for values in np.meshgrid(np.float32(first), np.float32(second))]
