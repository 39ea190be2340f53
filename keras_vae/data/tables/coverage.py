"""Which categories are held out entirely: nothing is learned of them."""

from collections.abc import Iterable

import numpy as np

from keras_vae.data.tables.column import LEVELS
from keras_vae.data.tables.schema import Schema

__all__ = ["warn_of_unseen"]

SHOWN = 3


def warn_of_unseen(
    schema: Schema,
    train: tuple[np.ndarray, np.ndarray],
    held_out: Iterable[tuple[np.ndarray, np.ndarray]],
) -> tuple[str, ...]:
    """One line for each column that has categories in held-out rows alone.

    Args:
        schema: `Schema`.
        train: (x, mask) of the training rows, as from `Schema.encode`.
        held_out: the same of the others.
    """
    lines = []
    parts = list(held_out)
    for entry, column in enumerate(schema.modelled):
        if column.kind not in LEVELS:
            continue
        seen = set(_values(train, entry))
        held = np.concatenate([_values(part, entry) for part in parts])
        unseen = [value for value in held if value not in seen]
        if unseen:
            names = sorted({str(column.categories[int(code)]) for code in unseen})
            shown = ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
            lines.append(
                f"column {column.name!r}: {shown} occurs in held-out rows alone ({len(unseen)} of "
                f"them), so nothing is learned of it"
            )
    return tuple(lines)


def _values(part: tuple[np.ndarray, np.ndarray], entry: int) -> np.ndarray:
    x, mask = part
    return x[mask[:, entry] == 1, entry]
