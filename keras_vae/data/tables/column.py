"""Column: what one column of a table holds, and how a model takes it."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from keras_vae.errors import DataError

__all__ = ["KINDS", "LARGEST_CATEGORIES", "LEVELS", "MODELLED", "TOLD", "Column"]

# Kind -> what it means. Those of `MODELLED` are entries of x.
KINDS = {
    "real": "a number",
    "positive": "a number above 0 whose logarithm is modelled",
    "count": "a whole number from 0",
    "binary": "one of two values",
    "categorical": "one of several values without order",
    "ordinal": "one of several values in order",
    "date": "a date, or a date and time, as days since 1970-01-01",
    "identifier": "the number or name of a row; not modelled",
    "constant": "one value in all rows; not modelled",
    "ignored": "left out",
    "condition": "what the model is told of a row; not an entry of x",
    "label": "the class of a row; not an entry of x",
    "split": "train, validation or test; not an entry of x",
    "group": "rows with one value stay in one split; not an entry of x",
    "order": "the last rows by it are the test split; not an entry of x",
}
MODELLED = ("real", "positive", "count", "binary", "categorical", "ordinal", "date")
LEVELS = ("binary", "categorical", "ordinal")  # kinds that have categories
TOLD = ("real", "date", *LEVELS)  # what the values of a condition may be
LARGEST_CATEGORIES = 1000


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        name: its header.
        kind: one of `KINDS`.
        categories: of a binary, categorical or ordinal column: the values as stored (text, whole
            or real numbers, or bool), in the order of their codes 0..K-1; of a label: its classes.
        dtype: as the source stores it, so that rows can be written back; of text that spells
            numbers or dates, that of the values.
        reason: why it is of this kind, in one sentence with figures.
        form: how the source spells its numbers or dates where they are text, such as `"${:,}"` or
            `"%Y-%m-%d"`; `""`: plain.
        gaps: values that mean a gap in this column, besides those of `is_gap`.
        values: of a condition: of which kind its values are, `"real"`, `"date"`, or one that has
            categories; `""` of all others.

    Raises:
        DataError: if the kind is unknown, or the categories do not fit it.
    """

    name: str
    kind: str
    categories: tuple[Any, ...] = ()
    dtype: str = "float64"
    reason: str = ""
    form: str = ""
    gaps: tuple[Any, ...] = ()
    values: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise DataError(
                f"column {self.name!r}: kind {self.kind!r}; expected one of {', '.join(KINDS)}"
            )
        for name in ("categories", "gaps"):  # lists, as JSON and TOML give them
            object.__setattr__(self, name, tuple(getattr(self, name)))
        count = len(self.categories)
        if len(set(self.categories)) < count:
            raise DataError(f"column {self.name!r}: a category is named twice")
        if (self.kind == "condition") != bool(self.values):
            raise DataError(
                f"column {self.name!r}: is {self.kind} with values = {self.values!r}; a condition "
                f"alone says of which kind its values are"
            )
        if self.kind == "condition":
            if self.values not in TOLD:
                raise DataError(
                    f"column {self.name!r}: is a condition with values = {self.values!r}; expected "
                    f"one of {', '.join(TOLD)}"
                )
            _ = self.as_entry  # categories are checked by it
            return
        if self.kind not in (*LEVELS, "label") and count:
            raise DataError(
                f"column {self.name!r}: is {self.kind}, which has no categories; leave them out, "
                f"or choose kind categorical"
            )
        if self.kind == "binary" and count != 2:
            raise DataError(f"column {self.name!r}: is binary, but has {count} values, not 2")
        if self.kind in LEVELS and not 2 <= count <= LARGEST_CATEGORIES:
            raise DataError(
                f"column {self.name!r}: is {self.kind} with {count} categories; expected 2 to "
                f"{LARGEST_CATEGORIES}"
            )

    @property
    def is_modelled(self) -> bool:
        """Whether it is an entry of x."""
        return self.kind in MODELLED

    @property
    def as_entry(self) -> "Column":
        """A condition, or a label, as a column of the kind of its values, by which its cells are
        read and written."""
        return replace(self, kind=self.values or "categorical", values="")

    def to_dict(self) -> dict[str, Any]:
        """What `json` can write; `Column(**values)` is the way back."""
        return {**asdict(self), "categories": list(self.categories), "gaps": list(self.gaps)}
