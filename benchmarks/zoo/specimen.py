"""What an injector is, and what is known of what it makes."""

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["INJECTORS", "Injector", "injector"]

INJECTORS = {}


@dataclass(frozen=True)
class Injector:
    """A defect with a knob.

    Attributes:
        name: of the function.
        make: (cell, seed, severity) -> `Subject`.
        expected: names of findings, any of which names the defect; empty for a healthy model.
        accepted: names of findings that may follow from it and are no false alarms.
        severities: values of the knob, the mildest first.
        cells: names of the cells where the defect makes sense; None for all.
    """

    name: str
    make: Callable
    expected: frozenset
    accepted: frozenset
    severities: tuple
    cells: tuple | None


def injector(expected=(), accepted=(), severities=(1,), cells=None):
    """Registers a function (cell, seed, severity) -> `Subject` in `INJECTORS`."""

    def register(make):
        name = make.__name__
        INJECTORS[name] = Injector(
            name, make, frozenset(expected), frozenset(accepted), tuple(severities), cells
        )
        return make

    return register
