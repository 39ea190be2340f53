"""The functions of a subject, asked batch by batch, and the examples that they are asked of."""

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np

from keras_vae.data.given import array_of, count, part_of, take
from keras_vae.diagnosis.measurements.family import Family
from keras_vae.diagnosis.subjects.subject import Subject
from keras_vae.errors import DoesNotApply
from keras_vae.pairs import pairs_at_once
from keras_vae.progress import tracked

__all__ = [
    "Calls",
    "batches",
    "complete",
    "has_gaps",
    "log_prob",
    "mask_of",
    "observed",
]

INCOMPLETE = (
    "does not apply: it looks at the values of the data, and some entries are missing (masked)"
)
BATCH_SIZE = 500  # examples that are encoded or decoded at once, at most
SALT = 4021


class Calls(Family):
    """A subject, some of its examples, and its functions of any number of them.

    Args:
        subject: `Subject`.
        examples: how many of each split to look at, at most.
        seed: of the choice of examples and of every draw.
    """

    def __init__(self, subject: Subject, examples: int = 2000, seed: int = 0) -> None:
        self.subject = subject
        self.seed = seed
        self.examples = examples
        self.given_train = self._some(subject.train)
        self.given_test = None if subject.test is None else self._some(subject.test)
        self.entries = int(np.prod(array_of(self.given_train).shape[1:]))
        self.batch_size = pairs_at_once((self.entries,), BATCH_SIZE)

    def _some(self, x: Any) -> Any:
        chosen = self._rng(1).permutation(count(x))[: self.examples]
        return take(x if isinstance(x, dict) else np.asarray(x), np.sort(chosen))

    @property
    def train(self) -> np.ndarray:
        """The values of the training examples that are looked at."""
        return complete(self.given_train)

    @property
    def test(self) -> np.ndarray | None:
        """The same of examples that it was not trained on, or None."""
        return None if self.given_test is None else complete(self.given_test)

    @property
    def train_values(self) -> np.ndarray:
        """The values of the training examples that are looked at, of any shape: those that were
        observed."""
        return observed(self.given_train)

    @property
    def all_values(self) -> list[np.ndarray]:
        """The same of all examples, split by split."""
        splits = self.subject.train, self.subject.test
        return [observed(x) for x in splits if x is not None]

    @property
    def is_conditional(self) -> bool:
        """Whether p(x|z) has a condition besides."""
        return part_of(self.given_train, "condition") is not None

    def _rng(self, purpose: int, draw: int = 0) -> np.random.Generator:
        # Not default_rng(seed): whoever made the data may have drawn them from that.
        return np.random.default_rng((self.seed, draw, SALT, purpose))

    def _encode(self, x: Any, encode: Callable[..., Any] | None = None) -> tuple[np.ndarray, ...]:
        parts = [(encode or self.subject.encode)(batch) for batch in batches(x, self.batch_size)]
        return tuple(np.concatenate([np.asarray(p) for p in part]) for part in zip(*parts))  # noqa: B905

    def _decode(
        self, z: np.ndarray, x: Any = None, decode: Callable[..., Any] | None = None
    ) -> Any:
        """The parameters of p(x|z) at any number of z, with the conditions of examples x."""
        parts = self._decoded_batches(z, x, decode)
        return keras.tree.map_structure(lambda *of_one: np.concatenate(of_one), *parts)

    def _decoded_batches(
        self,
        z: np.ndarray,
        x: Any = None,
        decode: Callable[..., Any] | None = None,
        size: int | None = None,
    ) -> Iterator[Any]:
        """The same batch by batch. Without x a conditional model has the conditions of the training
        examples in turn."""
        decode, size = decode or self.subject.decode, size or self.batch_size
        x = self.given_train if x is None else x
        if not self.is_conditional:
            yield from (decode(batch) for batch in batches(z, size))
            return
        conditions = x["condition"][np.arange(len(z)) % count(x)]
        for batch, of_batch in zip(batches(z, size), batches(conditions, size), strict=True):
            yield decode(batch, of_batch)

    def log_prob(
        self,
        x: Any,
        z: np.ndarray,
        decode: Callable[..., Any] | None = None,
        likelihood: Any = None,
        size: int | None = None,
    ) -> np.ndarray:
        """log p(x|z) of each x with the z in its place, float64 (N,), nats; of what was observed.

        Args:
            x: (N, *event_shape), or a dictionary.
            z: (N, d).
            decode, likelihood: in place of the subject's.
            size: of the batches; None: `batch_size`.
        """
        own, likelihood = self.subject.log_prob, likelihood or self.likelihood
        size = size or self.batch_size
        if own is not None and decode is None:
            pairs = zip(batches(x, size), batches(z, size), strict=True)
            return np.concatenate([np.asarray(own(x, z), "float64") for x, z in pairs])
        outputs = self._decoded_batches(z, x, decode, size)
        pairs = zip(batches(x, size), outputs, strict=True)
        with np.errstate(invalid="ignore", over="ignore"):  # of a model that has diverged
            return np.concatenate([log_prob(likelihood, x, p) for x, p in pairs])


def log_prob(likelihood: Any, x: Any, parameters: Any) -> np.ndarray:
    """log p of what was observed of x, (N,), nats."""
    mask = () if mask_of(x) is None else (mask_of(x),)  # of likelihoods of others there is no mask
    return likelihood.log_prob(array_of(x), parameters, *mask)


def mask_of(x: Any) -> np.ndarray | None:
    return part_of(x, "mask")


def complete(x: Any) -> np.ndarray:
    """The values of x.

    Raises:
        DoesNotApply: if some are missing.
    """
    if has_gaps(x):
        raise DoesNotApply(INCOMPLETE)
    return array_of(x)


def observed(x: Any) -> np.ndarray:
    """The values of x; where some are missing the others, in one row."""
    values, mask = np.asarray(array_of(x)), mask_of(x)
    return values if mask is None or not has_gaps(x) else values[mask > 0]


def has_gaps(x: Any) -> bool:
    """Whether some entries of x are missing."""
    mask = mask_of(x)
    return mask is not None and not bool(np.all(mask))


def batches(x: Any, size: int) -> Iterator[Any]:
    starts = tracked(range(0, count(x), size))
    return (take(x, slice(start, start + size)) for start in starts)
