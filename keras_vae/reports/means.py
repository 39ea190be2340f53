"""What the page shows of p(x|z) as steps: the mean, or what the likelihood reconstructs by."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from keras_vae.distributions import (
    Bernoulli,
    Categorical,
    Columns,
    ContinuousBernoulli,
    DiagonalGaussian,
    DiscretizedLogistic,
    Gaussian,
    Likelihood,
    LogNormal,
    NegativeBinomial,
    Ordinal,
    Poisson,
    ZeroInflatedNegativeBinomial,
)
from keras_vae.distributions.counts import LOG_MEAN_RANGE
from keras_vae.errors import DoesNotApply
from keras_vae.reports.steps import Steps

__all__ = ["add_mean"]


def add_mean(steps: Steps, likelihood: Likelihood, outputs: Any) -> int:
    """Adds the steps from the decoder's outputs to what calling the likelihood returns.

    Args:
        steps: `Steps` of the decoder.
        likelihood: `Likelihood`.
        outputs: the number of the value, or {name: number} where there are several.

    Returns:
        The number of the value that holds it.

    Raises:
        DoesNotApply: of a likelihood that the page does not know.
    """
    known = MEANS.get(type(likelihood))  # a subclass may have another mean
    if known is None:
        raise DoesNotApply(f"the page does not compute the mean of {type(likelihood).__name__}")
    return known(steps, likelihood, outputs)


def _standardised(steps: Steps, likelihood: Any, outputs: Mapping[str, int]) -> int:
    # center + scale m
    weights = np.asarray(likelihood.scale).ravel(), np.asarray(likelihood.center).ravel()
    return steps.add("scaled", outputs["mean"], weights=weights)


def _log_normal(steps: Steps, likelihood: Any, outputs: Mapping[str, int]) -> int:
    return steps.add("exponential", _standardised(steps, likelihood, outputs))


def _count(steps: Steps, log_mean: int) -> int:
    low, high = LOG_MEAN_RANGE
    return steps.add("exponential", steps.add("bounded", log_mean, low=low, high=high))


def _with_zeros(steps: Steps, likelihood: Any, outputs: Mapping[str, int]) -> int:
    mean = _count(steps, outputs["log_mean"])
    return steps.add("with_zeros", mean, outputs["zero_logit"])


def _levels(steps: Steps, likelihood: Any, outputs: Mapping[str, int]) -> int:
    low, high = likelihood._log_scale_range
    last = likelihood.levels - 1.0
    return steps.add(
        "clipped_logistic", outputs["mean"], outputs["log_scale"], last=last, low=low, high=high
    )


def _sizes(likelihood: Any, entries: int) -> list[int]:
    """How many classes each entry has."""
    return np.broadcast_to(likelihood.classes, entries).tolist()


def _categories(steps: Steps, likelihood: Any, outputs: int) -> int:
    if isinstance(likelihood.classes, int):
        raise DoesNotApply("the page does not compute categories of one number for all entries")
    return steps.add("modes", outputs, sizes=list(likelihood.classes))


def _ordinal(steps: Steps, likelihood: Any, outputs: int) -> int:
    cuts = np.asarray(likelihood.cuts)
    cuts = cuts.reshape(-1, cuts.shape[-1])
    return steps.add("ordinal_modes", outputs, weights=[cuts], sizes=_sizes(likelihood, len(cuts)))


def _columns(steps: Steps, likelihood: Any, outputs: Mapping[str, int]) -> int:
    parts = [
        add_mean(steps, part, likelihood._of_part(name, outputs))
        for name, part in likelihood.parts.items()
    ]
    places = np.concatenate([likelihood.entries[name] for name in likelihood.parts])
    joined = steps.add("joined", *parts)
    return steps.add("taken", joined, places=np.argsort(places).tolist())


MEANS: dict[type[Likelihood], Callable[[Steps, Any, Any], int]] = {
    Bernoulli: lambda steps, likelihood, logits: steps.add("sigmoid", logits),
    ContinuousBernoulli: lambda steps, _, logits: steps.add("continuous_bernoulli", logits),
    Gaussian: lambda steps, likelihood, mean: mean,
    DiagonalGaussian: _standardised,
    LogNormal: _log_normal,
    Poisson: lambda steps, likelihood, log_mean: _count(steps, log_mean),
    NegativeBinomial: lambda steps, likelihood, log_mean: _count(steps, log_mean),
    ZeroInflatedNegativeBinomial: _with_zeros,
    DiscretizedLogistic: _levels,
    Categorical: _categories,
    Ordinal: _ordinal,
    Columns: _columns,
}
