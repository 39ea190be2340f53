"""Evidence as a fraction of the gain over a model without z: 10 nats are much of 20 and little of
1000."""

import numpy as np

from keras_vae.diagnosis.finding import Evidence
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.measures import standard_error

__all__ = ["mean_over_worth", "over_worth"]


def over_worth(m: Measurements, what: str, nats: float, error: float, threshold: float) -> Evidence:
    """`Evidence` of nats as a fraction of the gain over a model without z."""
    return Evidence(
        f"{what}, as a fraction of the gain over a model without z",
        nats / m.worth,
        threshold,
        error / m.worth,
    )


def mean_over_worth(m: Measurements, what: str, nats: np.ndarray, threshold: float) -> Evidence:
    """The same of the mean over examples, (N,)."""
    return over_worth(m, what, float(nats.mean()), standard_error(nats), threshold)
