"""What encoder and decoder are told of each example besides x, by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_vae.errors import DataError

__all__ = ["Condition", "encode_conditions", "recorded_conditions"]


@dataclass(frozen=True)
class Condition:
    """One thing that a model is told.

    Attributes:
        name: `"label"`, or that of a column.
        classes: the names of its classes, in the order of their entries in the condition, where
            one of them is 1 and the others 0; empty for a number.
        center, scale: of a number: what is subtracted from it, and what it is divided by.
        form: `"identity"`, or `"log"` of a number above 0 whose logarithm this is done to.
    """

    name: str
    classes: tuple[str, ...] = ()
    center: float = 0.0
    scale: float = 1.0
    form: str = "identity"

    def encode(self, values: Sequence[Any]) -> np.ndarray:
        """float32 (N, classes), or (N, 1) of a number.

        Raises:
            DataError: if a value is no class that the model was trained on, or no number.
        """
        if not self.classes:
            return self._numbers(values)
        places = {name: place for place, name in enumerate(self.classes)}
        for value in map(str, values):
            if value not in places:
                raise DataError(
                    f"condition {self.name}={value}: the model was trained on {self.name} "
                    f"{', '.join(self.classes)}; give one of these"
                )
        return np.eye(len(places), dtype="float32")[[places[str(value)] for value in values]]

    def _numbers(self, values: Sequence[Any]) -> np.ndarray:
        try:
            numbers = np.asarray(values, "float64")
        except (TypeError, ValueError):
            numbers = np.asarray([np.nan])
        if not np.isfinite(numbers).all():
            raise DataError(f"condition {self.name}={values[0]}: expected a finite number")
        return ((self._formed(numbers) - self.center) / self.scale).astype("float32")[:, None]

    def _formed(self, numbers: np.ndarray) -> np.ndarray:
        if self.form == "identity":
            return numbers
        if (numbers <= 0).any():
            raise DataError(
                f"condition {self.name}={numbers[numbers <= 0][0]:g}, of example "
                f"{np.argmax(numbers <= 0)}: its logarithm is needed, so it must be above 0; leave "
                f"such examples out"
            )
        return np.log(numbers)

    @classmethod
    def of_numbers(cls, name: str, values: Sequence[Any], form: str = "identity") -> "Condition":
        """That of a number, which training examples have standardised.

        Raises:
            DataError: if a value is not such a number.
        """
        numbers = cls(name, form=form).encode(values)[:, 0].astype("float64")
        return cls(name, (), float(numbers.mean()), float(numbers.std()) or 1.0, form)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Condition":
        """The record that `dataclasses.asdict` gives, as JSON has it."""
        return cls(**{**values, "classes": tuple(values["classes"])})


def encode_conditions(
    conditions: Sequence[Condition], values: Mapping[str, Sequence[Any]]
) -> np.ndarray:
    """What a model is told, the conditions side by side: float32 (N, entries).

    Args:
        conditions: those of a model, in its order.
        values: for each by its name N values.

    Raises:
        DataError: if one is missing or unknown, or a value is.
    """
    known = [condition.name for condition in conditions]
    unknown, missing = set(values) - set(known), set(known) - set(values)
    if unknown:
        raise DataError(
            f"condition {sorted(unknown)[0]}: "
            + (f"the model is told {', '.join(known)}" if known else "the model takes no condition")
        )
    if missing:
        raise DataError(
            f"the model is told {', '.join(known)}, and {sorted(missing)[0]} is not given: give "
            f"--condition {sorted(missing)[0]}=VALUE, in Python condition="
        )
    return np.concatenate([each.encode(values[each.name]) for each in conditions], axis=1)


def recorded_conditions(record: Mapping[str, Any]) -> tuple[Condition, ...]:
    """What the model of a run is told beside x, by its `config.json`; older ones name nothing."""
    return tuple(map(Condition.from_dict, record["data"].get("conditions", ())))
