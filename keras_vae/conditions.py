"""What encoder and decoder are told of each example besides x, by name."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from keras_vae.errors import DataError

__all__ = [
    "LABELS",
    "LIBRARY",
    "Condition",
    "Values",
    "condition_values",
    "described_condition",
    "encode_conditions",
    "recorded_conditions",
    "unusual_conditions",
]

LABELS = "labels"  # what `Config.condition` calls the labels of the data
LIBRARY = "library"  # the condition that is the sum of the counts of an example

Values = Sequence[Any] | np.ndarray  # of N examples


@dataclass(frozen=True)
class Condition:
    """One thing that a model is told.

    Attributes:
        name: `"label"`, or that of a column.
        classes: the names of its classes, in the order of their entries in the condition, where
            one of them is 1 and the others 0; empty for a number.
        center, scale: of a number: what is subtracted from it, and what it is divided by: mean and
            standard deviation of the training examples.
        low, high: of a number: the least and the largest of the training examples; or None.
        is_date: whether the number counts days since 1970-01-01.
        form: `"identity"`, or `"log"` of a number above 0 of whose logarithm `center` and `scale`
            are.
    """

    name: str
    classes: tuple[str, ...] = ()
    center: float = 0.0
    scale: float = 1.0
    low: float | None = None
    high: float | None = None
    is_date: bool = False
    form: str = "identity"

    @classmethod
    def of_numbers(
        cls, name: str, values: Values, form: str = "identity", is_date: bool = False
    ) -> "Condition":
        """That of a number.

        Args:
            name, form, is_date: as those of the class.
            values: of the training examples.

        Raises:
            DataError: if a value is not such a number.
        """
        numbers = cls(name, is_date=is_date)._numbers(values)
        formed = cls(name, form=form)._formed(numbers)
        center, width = float(formed.mean()), float(formed.std())
        scale = width if width > 0 else 1.0  # of a number that never changes in training
        low, high = float(numbers.min()), float(numbers.max())
        return cls(name, (), center, scale, low, high, is_date, form)

    @property
    def entries(self) -> tuple[str, ...]:
        """What each entry of the condition is, in words: `species=Adelie`, `(age - 40) / 12.5`."""
        if self.classes:
            return tuple(f"{self.name}={name}" for name in self.classes)
        number = f"log {self.name}" if self.form == "log" else self.name
        unit = " in days since 1970-01-01" if self.is_date else ""
        return (f"({number}{unit} - {self.center!r}) / {self.scale!r}",)

    @property
    def example(self) -> str:
        """A value that the model was trained on, or near to it: `species=Adelie`."""
        value = self.classes[0] if self.classes else self.spelled(self.decode(0.0))
        return f"{self.name}={value}"

    def parse(self, value: Any) -> float:
        """The number of a class, from 0; or the number itself, days since 1970-01-01 of a date.

        Args:
            value: the name of a class; a number, or a text that spells it; a date as days, as
                `datetime` or in ISO 8601.

        Raises:
            DataError: if it is no class that the model was trained on, no number, or no date.
        """
        if self.classes:
            if str(value) in self.classes:
                return self.classes.index(str(value))
            raise DataError(
                f"condition {self.name}={value}: the model was trained on {self.name} "
                f"{', '.join(self.classes)}; give one of these"
            )
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = _days(value) if self.is_date else np.nan
        if not np.isfinite(number):
            expected = "a date such as 2020-01-31" if self.is_date else "a finite number"
            raise DataError(f"condition {self.name}={value}: expected {expected}")
        return number

    def encode(self, values: Values) -> np.ndarray:
        """float32 (N, classes), or (N, 1) of a number.

        Raises:
            DataError: as `parse`.
        """
        if self.classes:
            codes = {value: int(self.parse(value)) for value in dict.fromkeys(values)}
            return np.eye(len(self.classes), dtype="float32")[[codes[value] for value in values]]
        formed = self._formed(self._numbers(values))
        return ((formed - self.center) / self.scale).astype("float32")[:, None]

    def decode(self, entry: float) -> float:
        """The way back, of the one entry of a number."""
        formed = float(entry) * self.scale + self.center
        return float(np.exp(formed)) if self.form == "log" else formed

    def unusual(self, values: Values) -> str | None:
        """One line where a number lies more than one standard deviation outside of what the
        training examples had; else None."""
        if self.classes or self.low is None or self.high is None:
            return None
        numbers = self._numbers(values)
        formed, (low, high) = self._formed(numbers), self._formed(np.array([self.low, self.high]))
        far = np.flatnonzero((formed < low - self.scale) | (formed > high + self.scale))
        if not len(far):
            return None
        more = f" and {len(far) - 1} more" if len(far) > 1 else ""
        least, most, first = map(self.spelled, (self.low, self.high, numbers[far[0]]))
        return (
            f"condition {self.name}={first}{more}: training had {self.name} from {least} to "
            f"{most}, so the model has learned nothing of such values"
        )

    def spelled(self, number: float) -> str:
        """A number as people write it; the day of a date."""
        if self.is_date:
            return str(np.datetime64(round(number), "D"))
        return f"{number:g}"

    def to_dict(self) -> dict[str, Any]:
        """What `json` can write and read back unchanged."""
        return {**asdict(self), "classes": list(self.classes)}

    def _numbers(self, values: Values) -> np.ndarray:
        """float64 (N,), as `parse` gives them."""
        if isinstance(values, np.ndarray) and values.dtype.kind in "iuf":
            numbers = values.astype("float64")
            if np.isfinite(numbers).all():
                return numbers
        return np.array([self.parse(value) for value in values], "float64")

    def _formed(self, numbers: np.ndarray) -> np.ndarray:
        if self.form == "identity":
            return numbers
        if (numbers <= 0).any():
            wrong = numbers[numbers <= 0]
            where, way_out = "", ""
            if len(numbers) > 1:
                where = f", in {len(wrong)} of {len(numbers)} examples"
                way_out = "; leave such examples out"
            raise DataError(
                f"condition {self.name}={wrong[0]:g}{where}: its logarithm is needed, so it must "
                f"be above 0{way_out}"
            )
        return np.log(numbers)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Condition":
        """The condition that `to_dict` wrote."""
        return cls(**{**values, "classes": tuple(values["classes"])})


def encode_conditions(conditions: Sequence[Condition], values: Mapping[str, Values]) -> np.ndarray:
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
            + (f"the model takes {', '.join(known)}" if known else "the model takes no condition")
        )
    if missing:
        raise DataError(
            f"the model takes {', '.join(known)}, and {sorted(missing)[0]} is not given: give "
            f"--condition {sorted(missing)[0]}=VALUE, in Python condition="
        )
    return np.concatenate([each.encode(values[each.name]) for each in conditions], axis=1)


def condition_values(conditions: Sequence[Condition], told: np.ndarray) -> dict[str, str]:
    """What a model is told of one example, by name: `{"species": "Adelie", "age": "40"}`.

    Args:
        conditions: those of the model, in its order.
        told: (entries,), as `encode_conditions` gives them.

    Returns:
        Dictionary of what `encode_conditions` takes; numbers as people write them, in 6 digits.
    """
    values, first = {}, 0
    for each in conditions:
        part = told[first : first + len(each.entries)]
        first += len(part)
        if each.classes:
            values[each.name] = each.classes[int(np.argmax(part))]
        else:
            values[each.name] = each.spelled(each.decode(part[0]))
    return values


def described_condition(conditions: Sequence[Condition], told: np.ndarray) -> str:
    """The same in words, `species=Adelie, age=40`; of conditions without names nothing."""
    return ", ".join(
        f"{name}={value}" for name, value in condition_values(conditions, told).items()
    )


def unusual_conditions(conditions: Sequence[Condition], values: Mapping[str, Values]) -> list[str]:
    """A line for each condition of which some value lies far outside of the training examples'.

    Args:
        conditions, values: as for `encode_conditions`.
    """
    lines = [each.unusual(values[each.name]) for each in conditions]
    return [line for line in lines if line is not None]


def recorded_conditions(record: Mapping[str, Any]) -> tuple[Condition, ...]:
    """What the model of a run is told beside x, by its `config.json`; older ones name nothing."""
    return tuple(map(Condition.from_dict, record["data"].get("conditions", ())))


def _days(value: Any) -> float:
    """Days since 1970-01-01 of a date, NaN of what is none."""
    try:
        seconds = np.datetime64(value, "us") - np.datetime64(0, "us")
        return float(seconds / np.timedelta64(1, "D"))
    except (TypeError, ValueError):
        return np.nan
