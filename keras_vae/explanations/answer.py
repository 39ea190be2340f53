"""Answer: what one question is answered with, for one model."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from matplotlib.figure import Figure

from keras_vae.explanations.questions import QUESTIONS

__all__ = ["Answer", "Lines", "answered"]


class Lines(str):
    """A paragraph that is kept line by line, in letters of one width: a formula with the numbers
    under it, or a small table."""

    __slots__ = ()


@dataclass(frozen=True)
class Answer:
    """One question and what holds for this model.

    Attributes:
        name: short and stable, as `kvae explain MODEL NAME` takes it.
        question: as a learner asks it.
        paragraphs: plain text without markup; those that are `Lines` keep their lines.
        numbers: what the text says, for machines, nats where nothing else is said, with the
            standard error of what has one under `NAME_standard_error`, and the `"protocol"`.
        draw: draws the picture.
    """

    name: str
    question: str
    paragraphs: tuple[str, ...]
    numbers: Mapping[str, Any]
    draw: Callable[[], Figure] = field(repr=False)

    @cached_property
    def figure(self) -> Figure:
        """The one picture of the answer, drawn when it is first asked for."""
        return self.draw()

    def to_dict(self) -> dict[str, Any]:
        """All but the picture, as a dictionary that `json` can write."""
        return {
            "name": self.name,
            "question": self.question,
            "paragraphs": [str(paragraph) for paragraph in self.paragraphs],
            "numbers": dict(self.numbers),
        }


def answered(
    name: str,
    paragraphs: Sequence[str | None],
    numbers: Mapping[str, Any],
    protocol: str,
    draw: Callable[[], Figure],
) -> Answer:
    """The answer to one of `QUESTIONS`, of the paragraphs that are there."""
    kept = tuple(paragraph for paragraph in paragraphs if paragraph)
    return Answer(name, QUESTIONS[name], kept, {**numbers, "protocol": protocol}, draw)
