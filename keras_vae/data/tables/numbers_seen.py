"""Figures of a column of numbers, by which its kind is told."""

from dataclasses import dataclass

import numpy as np

from keras_vae.data.tables.cells import Cells

__all__ = ["COARSE", "Numbers", "float32_step", "numbers_seen"]

COARSE = 0.01  # standard deviations: a step of float32 above it makes values run together

PILED = 0.1  # of the values that are one and the same, from which on a density is doubtful


@dataclass(frozen=True)
class Numbers:
    """Figures of the values that are observed.

    Attributes:
        count: how many there are.
        different: how many different ones, exactly as stored.
        step: distance of neighbours in float32 at the largest value, in standard deviations.
        is_distinct: whether no two are equal.
        is_whole: whether all are whole.
        is_in_steps: whether each is the one before plus the same step.
        low, high, mean, variance, skewness: of them.
        mode: the most frequent.
        log_gain: how much larger the mean log density of the best log-normal is than that of the
            best normal, in nats a value; None where values are not above 0.
        piled: the end of a reason where one value is that of many rows, or `""`.
    """

    count: int
    different: int
    step: float
    is_distinct: bool
    is_whole: bool
    is_in_steps: bool
    low: float
    high: float
    mean: float
    variance: float
    skewness: float
    mode: float
    log_gain: float | None
    piled: str


def numbers_seen(cells: Cells) -> Numbers:
    """The figures of `Cells` of numbers with two different values at least."""
    assert cells.values is not None
    values = cells.values[np.isfinite(cells.values)]
    exact = cells.observed[np.isfinite(cells.values[~cells.missing])]
    different = exact.nunique()
    found, times = np.unique(values, return_counts=True)
    mode, share = found[np.argmax(times)], times.max() / len(values)
    steps = np.diff(values)
    z = (values - values.mean()) / (values.std() or 1)
    is_piled = share > PILED and different > 20
    return Numbers(
        count=len(values),
        different=different,
        step=float32_step(values),
        is_distinct=different == len(exact),
        is_whole=bool((values % 1 == 0).all()),
        is_in_steps=len(steps) > 1 and steps[0] > 0 and np.allclose(steps, steps[0], 0.02, atol=0),
        low=float(values.min()),
        high=float(values.max()),
        mean=float(values.mean()),
        variance=float(values.var()),
        skewness=float(np.mean(z**3)),
        mode=float(mode),
        log_gain=_log_gain(values),
        piled=f"; {share:.0%} are exactly {mode:g}, where a density piles up" if is_piled else "",
    )


def _log_gain(values: np.ndarray) -> float | None:
    if values.min() <= 0:
        return None
    logs = np.log(values)
    # mean log density at the best fit: normal -log sd, log-normal -log sd(log x) - mean(log x)
    return float(np.log(values.std() or 1) - np.log(logs.std() or 1) - logs.mean())


def float32_step(values: np.ndarray) -> float:
    """How far apart neighbours in float32 are at the largest value, in standard deviations: above a
    hundredth, rounding changes what the values say."""
    largest = min(float(np.abs(values).max()), 1e38)
    return float(np.spacing(np.float32(largest))) / float(values.std() or 1)
