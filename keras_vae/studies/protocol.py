"""What two numbers in nats must share to be comparable: the examples, and what log p is of."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from keras_vae.data import Dataset, is_binary
from keras_vae.distributions import Columns, Likelihood
from keras_vae.errors import RunError

__all__ = ["Protocol", "protocol_of", "refuse_different"]

LONGEST = 80  # letters of what one side is, in a message


@dataclass(frozen=True)
class Protocol:
    """What log p(x) of one split is a number of.

    Two models may differ in everything else: networks, latents, beta, training. `dynamic` and
    `static` binarisation train on other draws, and are tested on the same.

    Attributes:
        data, split: where the examples are from; two names may stand for the same examples.
        event_shape, examples: of one example, and how many.
        reading: what reading did to the values, in words.
        binarization: what is seen in place of gray levels: `"drawn"`, `"threshold"` or `"none"`.
        conditions: what the model is told of each example besides x: log p(x|c) is not log p(x).
        measure: whether log p is of a probability or of a density, column by column of a table; the
            unit of a density is that of the values, which the hash knows.
        sha256: of the examples as the model is given them, with their gaps.
    """

    data: str
    split: str
    event_shape: tuple[int, ...]
    examples: int
    reading: tuple[str, ...]
    binarization: str
    conditions: tuple[str, ...]
    measure: str
    sha256: str

    def differences(self, other: "Protocol") -> list[str]:
        """Why numbers of one cannot be compared with those of the other; none if they can."""
        found = []
        if self.sha256 != other.sha256:
            found.append(self._other_examples(other))
        if self.conditions != other.conditions:
            found.append(_pair("p(x)", self._told(), other._told()))
        if self.measure != other.measure:
            found.append(_pair("p(x|z)", self.measure, other.measure))
        return found

    def _other_examples(self, other: "Protocol") -> str:
        """The first reason that is known why the examples differ."""
        for what, of_self, of_other in (
            ("split", self.split, other.split),
            ("shape of an example", self.event_shape, other.event_shape),
            ("number of examples", self.examples, other.examples),
            ("reading", ", ".join(self.reading), ", ".join(other.reading)),
            ("binarisation", self.binarization, other.binarization),
            ("data", self.data, other.data),
        ):
            if of_self != of_other:
                return _pair(what, of_self, of_other)
        return "the values of the examples"

    def _told(self) -> str:
        return f"given {', '.join(self.conditions)}" if self.conditions else "given nothing"


def _pair(what: str, first: object, second: object) -> str:
    words = [str(side) or "none" for side in (first, second)]
    short = [word if len(word) <= LONGEST else f"{word[: LONGEST - 3]}..." for word in words]
    return f"{what}: {short[0]} against {short[1]}"


def protocol_of(dataset: Dataset, likelihood: Likelihood, split: str) -> Protocol:
    """The protocol of a model's figures.

    Args:
        dataset: `Dataset`, binarised as the model sees it, with the model's conditions.
        likelihood: of the model.
        split: `"train"`, `"validation"` or `"test"`; `"all"` of data that are not split.
    """
    seen = dataset.seen(split)
    digest = hashlib.sha256(seen.x.tobytes())
    if seen.mask is not None:
        digest.update(seen.mask.tobytes())
    is_drawn = dataset.binarization in ("dynamic", "static")
    return Protocol(
        data=dataset.name,
        split=split,
        event_shape=dataset.event_shape,
        examples=len(seen),
        reading=dataset.reading,
        binarization="drawn" if is_drawn else dataset.binarization,
        conditions=tuple(condition.name for condition in dataset.conditions),
        measure=_measure(likelihood, likelihood.is_binary and not is_binary(seen.x)),
        sha256=digest.hexdigest(),
    )


def _measure(likelihood: Likelihood, is_gray: bool) -> str:
    """What log p(x|z) is the logarithm of."""
    if is_gray:
        return "cross-entropy of gray levels, which is not a log p(x)"
    if isinstance(likelihood, Columns):
        densities = sorted(
            number
            for name, part in likelihood.parts.items()
            if not part.is_discrete
            for number in likelihood.entries[name]
        )
        if 0 < len(densities) < sum(map(len, likelihood.entries.values())):
            return f"density of the columns {', '.join(map(str, densities))}, else probability"
    return "probability" if likelihood.is_discrete else "density"


def refuse_different(protocols: Mapping[str, Protocol]) -> None:
    """Refuses models whose numbers cannot be compared.

    Args:
        protocols: by the name of each model, at least one.

    Raises:
        RunError: in one line that names what differs.
    """
    first, *others = protocols
    for other in others:
        found = protocols[first].differences(protocols[other])
        if found:
            raise RunError(
                f"{first} and {other} are of different protocols, so their nats do not compare: "
                f"{'; '.join(found)}; compare models of the same test examples and the same kind "
                f"of p(x|z)"
            )
