"""The model that a useful z must beat: p(x) with independent entries and no z at all."""

from typing import Any

import numpy as np
import tensorflow as tf

from keras_vae.data import as_dataset, binarize, examples_to_fit
from keras_vae.distributions import Likelihood

__all__ = ["independent_log_evidence", "log_evidence_without_z"]


def log_evidence_without_z(
    likelihood: Likelihood, x_train: np.ndarray, x: np.ndarray
) -> np.ndarray:
    """log p(x) of the pixel-independent baseline: the likelihood's family, fitted without z.

    It is what a VAE reaches whose rate has collapsed to 0.

    Args:
        likelihood: `Likelihood`; only its kind is used, its weights stay untouched.
        x_train: (M, *event_shape): the examples that the baseline is fitted to.
        x: (N, *event_shape).

    Returns:
        float64 array (N,), nats.
    """
    baseline = type(likelihood).from_config(likelihood.get_config())
    parameters = baseline.fit_without_z(x_train)
    parameters = tf.nest.map_structure(lambda part: part[None], parameters)
    return np.asarray(baseline.distribution(parameters).log_prob(x), "float64")


def independent_log_evidence(
    likelihood: Likelihood, data: Any, binarization: str = "none", split: str | None = None
) -> np.ndarray:
    """`log_evidence_without_z` of the examples of one split, fitted to the training split.

    What `kvae fit`, its dry run, `kvae evaluate` and `kvae diagnose` call the baseline.

    Args:
        likelihood: `Likelihood`; only its kind is used, its weights stay untouched.
        data: `Dataset`; the baseline is fitted to its training split. Or what
            `keras_vae.data.as_dataset` takes in its place: fitted to all of an array.
        binarization: `"dynamic"`, `"static"`, `"threshold"` or `"none"`.
        split: `"train"`, `"validation"` or `"test"`, the default: the examples x; of an array
            `"all"`.

    Returns:
        float64 array (N,), nats.
    """
    dataset = as_dataset(data)
    split = split or dataset.shown_split
    x_train = examples_to_fit(dataset.train.x, binarization, likelihood.is_discrete)
    x = binarize(dataset.split(split).x, binarization, split)
    return log_evidence_without_z(likelihood, x_train, x)
