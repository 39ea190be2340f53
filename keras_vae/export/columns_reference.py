"""What signatures of columns must answer: the answers for x, written as rows of a table.

Computed with NumPy, beside the served graph and not with it.
"""

from collections.abc import Sequence

import numpy as np

from keras_vae.data.tables import LEVELS, Column
from keras_vae.export.columns import column_names
from keras_vae.export.served import Answers, Arrays

__all__ = ["in_columns"]


def in_columns(answers: Answers, columns: Sequence[Column]) -> Answers:
    """Inputs and right answers by column.

    Args:
        answers: as from `reference`, of x and mask.
        columns: the entries of x.
    """
    return {
        signature: (_inputs(inputs, columns), _outputs(outputs, columns))
        for signature, (inputs, outputs) in answers.items()
    }


def _inputs(inputs: Arrays, columns: Sequence[Column]) -> Arrays:
    if "x" not in inputs:
        return inputs
    others = {name: rows for name, rows in inputs.items() if name not in ("x", "mask")}
    return {**_cells(inputs["x"], inputs["mask"], columns), **others}


def _outputs(outputs: Arrays, columns: Sequence[Column]) -> Arrays:
    others = {n: rows for n, rows in outputs.items() if n not in ("reconstruction", "mean")}
    for name in set(outputs) - set(others):
        others |= _cells(outputs[name], np.ones_like(outputs[name]), columns)
    return others


def _cells(x: np.ndarray, mask: np.ndarray, columns: Sequence[Column]) -> Arrays:
    cells: Arrays = {}
    for j, (name, column) in enumerate(zip(column_names(columns), columns, strict=True)):
        if column.kind in LEVELS:
            spelled = [str(value).encode() for value in column.categories]
            values = [
                spelled[int(np.rint(code))] if is_there else b""
                for code, is_there in zip(x[:, j], mask[:, j], strict=True)
            ]
            cells[name] = np.array(values, dtype=object)
        else:
            cells[name] = np.where(mask[:, j] > 0, x[:, j], np.nan).astype("float32")
    return cells
