"""The model that a useful z must beat: p(x) with independent entries and no z at all."""

from typing import Any

import numpy as np
import tensorflow as tf

from keras_vae.data import array_of, as_dataset, part_of
from keras_vae.distributions import Likelihood, with_mask

__all__ = ["independent_log_evidence", "log_evidence_without_z"]


def log_evidence_without_z(likelihood: Likelihood, x_train: Any, x: Any) -> np.ndarray:
    """log p(x) of the pixel-independent baseline: the likelihood's family, fitted without z.

    It is what a VAE reaches whose rate has collapsed to 0. Missing entries count neither for the
    fit nor for log p(x), and a condition is not looked at.

    Args:
        likelihood: `Likelihood`; only its kind is used, its weights stay untouched.
        x_train: (M, *event_shape): the examples that the baseline is fitted to.
        x: (N, *event_shape).

    x_train and x may each be a dictionary of `x` with `mask`, `condition` or both.

    Returns:
        float64 array (N,), nats.
    """
    baseline = type(likelihood).from_config(likelihood.get_config())
    parameters = with_mask(baseline.fit_without_z, array_of(x_train), mask=part_of(x_train, "mask"))
    parameters = tf.nest.map_structure(lambda part: part[None], parameters)
    mask = part_of(x, "mask")
    if mask is None:
        return np.asarray(baseline.distribution(parameters).log_prob(array_of(x)), "float64")
    log_prob = with_mask(baseline.log_prob, array_of(x), parameters, mask=mask)
    return np.asarray(log_prob, "float64")


def independent_log_evidence(
    likelihood: Likelihood, data: Any, split: str | None = None
) -> np.ndarray:
    """`log_evidence_without_z` of the examples of one split, fitted to the training split.

    What `kvae fit`, its dry run, `kvae evaluate` and `kvae diagnose` call the baseline.

    Args:
        likelihood: `Likelihood`; only its kind is used, its weights stay untouched.
        data: `Dataset`; the baseline is fitted to its training split, binarised as it says. Or what
            `keras_vae.data.as_dataset` takes in its place: fitted to all of an array.
        split: `"train"`, `"validation"` or `"test"`, the default: the examples x; of an array
            `"all"`.

    Returns:
        float64 array (N,), nats.
    """
    dataset = as_dataset(data)
    split = split or dataset.shown_split
    x_train = dataset.to_fit(likelihood.is_binary).given
    return log_evidence_without_z(likelihood, x_train, dataset.given(split))
