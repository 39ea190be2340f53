"""Is the model better than none?"""

import numpy as np

from keras_vae.diagnosis.finding import ERROR, Evidence, Finding, finding
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.measures import standard_error

__all__ = ["below_without_z", "worse_than_without_z"]


def below_without_z(m: Measurements) -> Evidence:
    """`Evidence` of how far the ELBO lies below log p(x) of a model without z."""
    return Evidence(
        "nats by which the ELBO lies below log p(x) of a model without z",
        -float(np.mean(m.gain)),
        1.0,
        standard_error(m.gain),
    )


def worse_than_without_z(m: Measurements) -> Finding | None:
    evidence = below_without_z(m)
    return finding(
        "worse_than_without_z",
        ERROR,
        evidence,
        f"The model is {evidence.value:.3g} nats worse than one whose output is the same for every "
        "z: training has gained nothing.",
        "Fix the first finding; if there is none, compare the loss that training minimises, term "
        "by term, with -log p(x|z) and KL(q(z|x) || p(z)) as sums over an example.",
        "The ELBO lies above the baseline: z explains a part of x.",
    )
