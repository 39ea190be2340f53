"""Which categories of a table are held out entirely: nothing is learned of them."""

from collections.abc import Iterable

import numpy as np

from keras_vae.data.examples import Examples
from keras_vae.data.tables import LEVELS, Schema

__all__ = ["warn_of_unseen"]

SHOWN = 3


def warn_of_unseen(
    schema: Schema, train: Examples, held_out: Iterable[Examples]
) -> tuple[str, ...]:
    """One line for each column that has categories in held-out rows alone.

    Args:
        schema: `Schema`.
        train: the training rows.
        held_out: the other splits.
    """
    lines = []
    parts = list(held_out)
    for entry, column in enumerate(schema.modelled):
        if column.kind not in LEVELS:
            continue
        seen = set(_observed(train, entry))
        held = np.concatenate([_observed(part, entry) for part in parts])
        unseen = [value for value in held if value not in seen]
        if unseen:
            names = sorted({str(column.categories[int(code)]) for code in unseen})
            shown = ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
            lines.append(
                f"column {column.name!r}: {shown} occurs in held-out rows alone ({len(unseen)} of "
                f"them), so nothing is learned of it"
            )
    return tuple(lines)


def _observed(part: Examples, entry: int) -> np.ndarray:
    values = part.x[:, entry]
    return values if part.mask is None else values[part.mask[:, entry] == 1]
