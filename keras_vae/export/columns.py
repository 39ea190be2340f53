"""Signatures of a table: one input and one output a column, as a client of a server names them."""

import keyword
import re
from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from keras_vae.data.tables import LEVELS, Column

__all__ = ["by_column", "column_names", "column_specs"]

# Names that signatures have besides those of columns.
TAKEN = (
    "z", "z_mean", "z_log_var", "seed", "condition", "elbo", "rate", "distortion",
    "importance_weighted_bound",
)  # fmt: skip

Tensors = dict[str, tf.Tensor]


def column_names(columns: Sequence[Column]) -> list[str]:
    """The names of the inputs: those of the columns, as Python writes names, each once.

    `petal length (cm)` becomes `petal_length_cm`.
    """
    names: list[str] = []
    for column in columns:
        name = re.sub(r"\W+", "_", column.name, flags=re.ASCII).strip("_") or "column"
        name = f"column_{name}" if name[0].isdigit() else name
        while name in (*names, *TAKEN) or keyword.iskeyword(name):
            name += "_"
        names.append(name)
    return names


def column_specs(columns: Sequence[Column]) -> list[tf.TensorSpec]:
    """The inputs: float32 (batch,) numbers, NaN where missing, and string (batch,) categories as
    the table spells them, "" where missing. A date is its days since 1970-01-01."""
    return [
        tf.TensorSpec((None,), tf.string if column.kind in LEVELS else tf.float32, name)
        for name, column in zip(column_names(columns), columns, strict=True)
    ]


def by_column(
    function: Callable[..., Tensors], others: Sequence[tf.TensorSpec], columns: Sequence[Column]
) -> tuple[Callable[..., Tensors], list[tf.TensorSpec]]:
    """A signature of x and mask as one of columns.

    Args:
        function: takes (x, mask, ...) if its outputs belong to rows of a table, and its outputs
            `reconstruction` and `mean` are such rows; or takes no x.
        others: its inputs; those that are called `x` and `mask` are replaced.
        columns: the entries of x.

    Returns:
        (the function, its inputs): columns first, then the others in their order.
    """
    names = [spec.name for spec in others]
    rest = [spec for spec in others if spec.name not in ("x", "mask")]
    inputs = [*(column_specs(columns) if "x" in names else []), *rest]

    def of_columns(*tensors: tf.Tensor) -> Tensors:
        given = {
            spec.name: tf.ensure_shape(tensor, spec.shape)
            for spec, tensor in zip(inputs, tensors, strict=True)
        }
        if "x" in names:
            cells = [given[name] for name in column_names(columns)]
            first = tf.shape(cells[0])[0]
            same_length = [
                tf.debugging.assert_equal(
                    tf.shape(cell)[0], first, "columns must have the same number of rows"
                )
                for cell in cells[1:]
            ]
            with tf.control_dependencies(same_length):
                given["x"], given["mask"] = _examples(columns, cells)
        outputs = function(*(given[name] for name in names))
        rows = [outputs.pop(name) for name in ("reconstruction", "mean") if name in outputs]
        return {**outputs, **(_cells(columns, rows[0]) if rows else {})}

    return of_columns, inputs


def _examples(columns: Sequence[Column], cells: Sequence[tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor]:
    """(x, mask), float32 (batch, C); NaN where a column cannot hold what is given."""
    x, mask = [], []
    for column, values in zip(columns, cells, strict=True):
        if column.kind in LEVELS:
            is_there = values != ""
            known = tf.constant([str(value) for value in column.categories])
            is_level = values[:, None] == known
            codes = tf.cast(tf.argmax(is_level, axis=1), tf.float32)
            values = tf.where(tf.reduce_any(is_level, axis=1), codes, np.nan)
        else:
            is_there = ~tf.math.is_nan(values)
            values = tf.where(_can_hold(column, values), values, np.nan)
        x.append(values)
        mask.append(tf.cast(is_there, tf.float32))
    return tf.stack(x, axis=1), tf.stack(mask, axis=1)


def _can_hold(column: Column, values: tf.Tensor) -> tf.Tensor:
    if column.kind == "positive":
        return values > 0
    if column.kind == "count":
        return (values >= 0) & (tf.floor(values) == values)
    return tf.ones_like(values, tf.bool)


def _cells(columns: Sequence[Column], x: tf.Tensor) -> Tensors:
    """Rows (batch, C) by column; a row that has no answer is NaN, and "" in its categories."""
    cells = {}
    for j, (name, column) in enumerate(zip(column_names(columns), columns, strict=True)):
        values = x[:, j]
        if column.kind in LEVELS:
            is_there = ~tf.math.is_nan(values)
            codes = tf.cast(tf.round(tf.where(is_there, values, 0.0)), tf.int32)
            known = tf.constant([str(value) for value in column.categories])
            values = tf.where(is_there, tf.gather(known, codes), "")
        cells[name] = values
    return cells
