"""The best constant parameters of every entry of x by itself, where no formula gives them."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

__all__ = ["Histogram", "best_by_entry", "moments"]

STEPS = 60  # of Newton's method, at most
HALVINGS = 12  # of one step
GAIN = 1e-10  # nats an observation: a smaller one ends the search
DIFFERENCE = 1e-4  # of a parameter, for derivatives
GROUPS = 256  # of an entry's values, where it takes more: images of 16 bits, large counts


def moments(
    x: np.ndarray, mask: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(count, mean, variance) of what was observed of each entry, float64 (*event_shape).

    Args:
        x: (N, *event_shape).
        mask: of the same shape, 1 where an entry was observed; or None.
    """
    if mask is None:
        mean = np.mean(x, axis=0, dtype="float64")
        return np.full_like(mean, len(x)), mean, np.var(x, axis=0, dtype="float64")
    count = np.sum(mask, axis=0, dtype="float64")
    total = np.maximum(count, 1)
    mean = np.sum(mask * x, axis=0, dtype="float64") / total
    return count, mean, np.sum(mask * (x - mean) ** 2, axis=0) / total


class Histogram(NamedTuple):
    """How often each entry of x takes each of its values: T of them, all entries in a row.

    Of an entry with more than `GROUPS` values, neighbours are taken together, each group about as
    often as any other, with their mean for a value: what is smooth in x has nearly the same mean.
    The smallest and the largest value, where it may not be smooth, stay by themselves.

    Attributes:
        values: float64 (T,).
        counts: float64 (T,), how many examples have that value there.
        entry: int (T,), to which entry it belongs, in rising order.
        entries: D.
    """

    values: np.ndarray
    counts: np.ndarray
    entry: np.ndarray
    entries: int

    @classmethod
    def of(cls, x: np.ndarray, mask: np.ndarray | None = None) -> "Histogram":
        """Of x (N, *event_shape), and of what a mask of its shape leaves."""
        columns = np.reshape(x, (len(x), -1))
        kept = None if mask is None else np.reshape(mask, columns.shape) > 0
        parts = [
            _grouped(*np.unique(column if kept is None else column[kept[:, i]], return_counts=True))
            for i, column in enumerate(columns.T)
        ]
        sizes = [len(values) for values, _ in parts]
        return cls(
            np.concatenate([values for values, _ in parts]).astype("float64"),
            np.concatenate([counts for _, counts in parts]).astype("float64"),
            np.repeat(np.arange(len(parts)), sizes),
            len(parts),
        )

    def only(self, entries: np.ndarray) -> "Histogram":
        """Of some entries, in rising order."""
        if len(entries) == self.entries:
            return self
        place = np.full(self.entries, -1)
        place[entries] = np.arange(len(entries))
        kept = place[self.entry] >= 0
        of_kept = self.values[kept], self.counts[kept], place[self.entry[kept]]
        return Histogram(*of_kept, len(entries))

    def sums(self, terms: np.ndarray | float = 1.0) -> np.ndarray:
        """The sum of a term for each observation, of every entry: float64 (D,)."""
        return np.bincount(self.entry, self.counts * terms, minlength=self.entries)

    def means(self, terms: np.ndarray | float) -> np.ndarray:
        """The same for means; 0 where nothing was observed."""
        return self.sums(terms) / np.maximum(self.sums(), 1.0)


def _grouped(values: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(values, counts) of at most `GROUPS` groups of neighbours."""
    if len(values) <= GROUPS:
        return values, counts
    # by the share of what is smaller, of all but both ends
    before = np.cumsum(counts[1:-1]) - counts[1:-1]
    inner = 1 + before * (GROUPS - 2) // counts[1:-1].sum()
    group = np.concatenate([[0], inner, [GROUPS - 1]])
    sizes = np.bincount(group, counts, minlength=GROUPS)
    totals = np.bincount(group, counts * values.astype("float64"), minlength=GROUPS)
    is_there = sizes > 0
    return totals[is_there] / sizes[is_there], sizes[is_there]


def best_by_entry(
    log_prob: Callable[..., np.ndarray],
    histogram: Histogram,
    start: Sequence[np.ndarray],
    ranges: Sequence[tuple[float, float]],
    known: Sequence[np.ndarray] = (),
) -> np.ndarray:
    """The parameters under which each entry is most likely, all entries at once.

    Newton's method with derivatives by differences, in float64. A step that does not gain is
    halved, no parameter leaves its range, and an entry that is done is not looked at again.

    Args:
        log_prob: (values (T,), one array (T,) for each parameter) -> log p (T,), smooth.
        histogram: what was observed.
        start: for each of the P parameters (D,): where the search begins.
        ranges: for each parameter the (lowest, highest) value that it may have.
        known: (D,) each: what `log_prob` takes behind the parameters, and is not searched.

    Returns:
        float64 (P, D).
    """
    low, high = np.transpose(ranges)[:, :, None].astype("float64")
    low, high = low + 2 * DIFFERENCE, high - 2 * DIFFERENCE  # differences stay inside as well
    best = np.clip(np.asarray(start, "float64"), low, high)
    left = np.arange(histogram.entries)
    for _ in range(STEPS):
        observed, constants = histogram.only(left), [each[left] for each in known]

        def mean_log_prob(
            at: np.ndarray,
            observed: Histogram = observed,
            constants: list[np.ndarray] = constants,
        ) -> np.ndarray:
            parameters = (each[observed.entry] for each in (*at, *constants))
            return observed.means(log_prob(observed.values, *parameters))

        best[:, left], gain = _climb(mean_log_prob, best[:, left], low, high)
        left = left[gain > GAIN]
        if not left.size:
            break
    return best


def _climb(
    function: Callable[[np.ndarray], np.ndarray],
    at: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """(where one step upwards leads, (P, D), what it gains, (D,))."""
    value = function(at)
    gain = np.zeros_like(value)
    step, promised = _newton_step(function, at, value, low, high)
    step = np.where(promised > GAIN, step, 0)
    for _ in range(HALVINGS):
        if not step.any():
            break
        tried = np.clip(at + step, low, high)
        better = function(tried)
        is_better = better > value
        gain = np.where(is_better, better - value, gain)
        at, value = np.where(is_better, tried, at), np.where(is_better, better, value)
        step = np.where(is_better, 0, step / 2)
    return at, gain


def _newton_step(
    function: Callable[[np.ndarray], np.ndarray],
    at: np.ndarray,
    value: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """-H^-1 g of every entry, (P, D), upwards whatever the signs of H's eigenvalues are; and the
    gain that a parabola promises, (D,).

    A parameter that stands at the end of its range, and would leave it, is held.
    """
    count = len(at)
    unit = DIFFERENCE * np.eye(count)[:, :, None]
    up, down = ([function(at + sign * each) for each in unit] for sign in (1, -1))
    gradient = np.array([(a - b) / (2 * DIFFERENCE) for a, b in zip(up, down, strict=True)])
    hessian = np.zeros((at.shape[1], count, count))
    for i in range(count):
        hessian[:, i, i] = (up[i] - 2 * value + down[i]) / DIFFERENCE**2
        for j in range(i):
            # f(x + u + v) - f(x + u) - f(x + v) + f(x), and the same downwards, halved
            both = function(at + unit[i] + unit[j]) - up[i] - up[j] + value
            both += function(at - unit[i] - unit[j]) - down[i] - down[j] + value
            hessian[:, i, j] = hessian[:, j, i] = both / (2 * DIFFERENCE**2)
    is_held = ((at <= low) & (gradient < 0)) | ((at >= high) & (gradient > 0))
    gradient = np.where(is_held, 0, gradient)
    free = ~is_held.T
    hessian *= free[:, :, None] & free[:, None, :]
    curvatures, axes = np.linalg.eigh(hessian)
    along = np.einsum("dij,id->dj", axes, gradient) / np.maximum(np.abs(curvatures), 1e-4)
    step = np.einsum("dij,dj->id", axes, along)
    return np.clip(step, -2, 2), np.sum(gradient * step, axis=0) / 2
