"""Steps: a decoder as a list of small operations that a page can compute too.

`static/decoder.js` has the same operations under the same names. All values are flat: float32
(N, entries) here, one array of entries there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import expit, softmax

from keras_vae.errors import DoesNotApply

__all__ = ["ACTIVATIONS", "Steps"]


def _soft_bound(x: np.ndarray, low: float, high: float) -> np.ndarray:
    """As `keras_vae.distributions.bounds.soft_bound`."""
    x = high - np.logaddexp(0, high - x)
    return low + np.logaddexp(0, x - low)


def _continuous_bernoulli(a: np.ndarray) -> np.ndarray:
    # E[x] = 1 / (1 - exp(-a)) - 1 / a, near a = 0 its series
    small = np.abs(a) < 0.05
    safe = np.where(small, 1.0, a)
    return np.where(small, 0.5 + a / 12, -1 / np.expm1(-safe) - 1 / safe)


def _modes(logits: np.ndarray, sizes: Sequence[int]) -> np.ndarray:
    """The largest of each block of `sizes` logits, by its number from 0."""
    blocks = np.split(logits, np.cumsum(sizes)[:-1], axis=1)
    return np.stack([np.argmax(block, axis=1) for block in blocks], axis=1)


def _ordinal_modes(location: np.ndarray, cuts: np.ndarray, sizes: Sequence[int]) -> np.ndarray:
    """The class k with the largest sigmoid(cut_k - location) - sigmoid(cut_k-1 - location)."""
    modes = []
    for entry, size in enumerate(sizes):
        below = expit(cuts[entry, : size - 1] - location[:, [entry]])
        p = np.diff(below, prepend=0.0, append=1.0, axis=1)
        modes.append(np.argmax(p, axis=1))
    return np.stack(modes, axis=1)


def _clipped_logistic(
    mean: np.ndarray, log_scale: np.ndarray, last: float, low: float, high: float
) -> np.ndarray:
    """The mean of a logistic number that is cut off at 0 and 1; see `DiscretizedLogistic`."""
    scale = np.exp(_soft_bound(log_scale, low, high)) * last
    loc = mean * last
    return scale * (np.logaddexp(0, loc / scale) - np.logaddexp(0, (loc - last) / scale)) / last


ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": lambda x: np.maximum(x, 0),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "selu": lambda x: 1.05070098 * np.where(x > 0, x, 1.67326324 * np.expm1(np.minimum(x, 0))),
    "silu": lambda x: x * expit(x),
    "sigmoid": expit,
    "softplus": lambda x: np.logaddexp(0, x),
    "tanh": np.tanh,
    "exponential": np.exp,
}
OPERATIONS: dict[str, Callable[..., np.ndarray]] = {
    **ACTIVATIONS,
    "dense": lambda x, kernel, bias: x @ kernel + bias,
    "scaled": lambda x, scale, center: center + scale * x,
    "joined": lambda *parts: np.concatenate(parts, axis=1),
    "taken": lambda x, places: x[:, places],
    # log l + log softmax(h); see `LibraryShares`
    "shares": lambda h, condition, center, scale: (
        np.log(softmax(h.astype("float64"), axis=1)) + center + scale * condition[:, -1:]
    ),
    "bounded": _soft_bound,
    "with_zeros": lambda mean, zero_logit: expit(-zero_logit) * mean,
    "continuous_bernoulli": _continuous_bernoulli,
    "clipped_logistic": _clipped_logistic,
    "modes": _modes,
    "ordinal_modes": _ordinal_modes,
}


@dataclass
class Steps:
    """Operations one after another; each takes values that came before and gives one more.

    Attributes:
        inputs: how many values are given: z, and of a conditional model the condition.
        steps: dictionaries of `op`, `of`, the numbers of the values that it takes, `weights`, the
            numbers of its weights, and `options`.
        weights: float32 arrays.
    """

    inputs: int
    steps: list[dict[str, Any]] = field(default_factory=list)
    weights: list[np.ndarray] = field(default_factory=list)

    def add(
        self, op: str, *of: int, weights: Sequence[Any] = (), **options: float | Sequence[int]
    ) -> int:
        """Adds a step; returns the number of its value."""
        first = len(self.weights)
        self.weights += [np.asarray(weight, "float32") for weight in weights]
        numbers = list(range(first, len(self.weights)))
        self.steps.append({"op": op, "of": list(of), "weights": numbers, "options": options})
        return self.inputs + len(self.steps) - 1

    def activation(self, name: Any, value: int) -> int:
        """Adds an activation of Keras by its name; none for `linear`.

        Raises:
            DoesNotApply: of an activation that the page does not know.
        """
        if name == "linear":
            return value
        if not isinstance(name, str) or name not in ACTIVATIONS:  # one of the user's own
            raise DoesNotApply(f"its activation {name} is not one that the page computes")
        return self.add(name, value)

    def with_weights(self, weights: Sequence[np.ndarray]) -> "Steps":
        """The same steps with other weights."""
        return Steps(self.inputs, self.steps, [np.asarray(w, "float32") for w in weights])

    def run(self, z: np.ndarray, condition: np.ndarray | None = None) -> np.ndarray:
        """The last value: float32 (N, entries).

        Args:
            z: (N, d).
            condition: (N, entries) of a conditional model.
        """
        given = [z] if condition is None else [z, condition]
        values = [np.asarray(each, "float32") for each in given]
        for step in self.steps:
            of = [values[number] for number in step["of"]]
            weights = [self.weights[number] for number in step["weights"]]
            value = OPERATIONS[step["op"]](*of, *weights, **step["options"])
            values.append(np.asarray(value, "float32"))
        return values[-1]
