"""What a run says of rows of a table: scores, and rows of its own."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from keras_vae.aliases import Tell
from keras_vae.data.tables import Rows, recorded_schema
from keras_vae.data.tables.told import told_cells
from keras_vae.errors import DataError
from keras_vae.evaluation import Imputation, Scores
from keras_vae.runs.rows import named_labels
from keras_vae.runs.run import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "decode_table",
    "encode_table",
    "imputation_table",
    "picture_of_table",
    "reconstruction_table",
    "sample_table",
    "score_table",
]

UNLIKELY = 0.05  # an entry is named if fewer of the reference examples have one as unlikely
NAMED = 3  # entries, at most


def sample_table(
    run: Run,
    count: int,
    seed: int = 0,
    condition: Mapping[str, Any] = MappingProxyType({}),
    warn: Tell = warnings.warn,
) -> pd.DataFrame:
    """Rows drawn from the model, x ~ p(x|z), z ~ p(z): the columns of its table that are modelled,
    with their dtypes.

    Args:
        run: `Run` of a table.
        count: how many.
        seed: of the draws.
        condition, warn: as for `Run.condition`; the rows hold it too.
    """
    return decode_table(run, run.vae.sample(count, seed, run.condition(condition, warn)), condition)


def decode_table(
    run: Run, x: np.ndarray, condition: Mapping[str, Any] = MappingProxyType({})
) -> pd.DataFrame:
    """Rows that a model gives: the columns of its table that are modelled, with their dtypes.

    Args:
        run: `Run` of a table.
        x: (N, C), as from `VAE.decode`.
        condition: what the model was told, as for `Run.condition`; the rows hold it too.

    Returns:
        `DataFrame`; of windows one row after the other, with two columns more in front: the number
        of the window, from 0, called as the column of groups or `window`; and of the row in it,
        from 0, called as the column of times or `step`.

    Raises:
        DataError: if some values are not finite, which no cell can hold.
    """
    schema = recorded_schema(run.record)
    is_bad = ~np.isfinite(x).all(axis=1)
    if is_bad.any():
        raise DataError(
            f"the model gives {is_bad.sum()} rows with values that are not finite, the first is "
            f"row {np.argmax(is_bad)}; choose latents nearer to 0"
        )
    rows = replace(schema, window=None).decode(x.reshape(-1, len(schema.row_columns)))
    for told in run.conditions:
        value = told.parse(condition[told.name])
        rows[told.name] = told_cells(schema[told.name], value, len(rows))
    rows = rows[[column.name for column in schema.columns if column.name in rows]]
    if schema.window is None:
        return rows
    group, order = schema.of_kind("group"), schema.of_kind("order")
    numbers = np.arange(len(rows))
    rows.insert(0, "window" if group is None else group.name, numbers // schema.window)
    rows.insert(1, "step" if order is None else order.name, numbers % schema.window)
    return rows


def reconstruction_table(run: Run, made: Mapping[str, Any]) -> pd.DataFrame:
    """Rows of a table and their reconstructions, as the table spells them.

    Args:
        run: `Run` of a table.
        made: as from `reconstruct_rows`.

    Returns:
        `DataFrame`: `row`, `split`, and `labels` where there are some; of each column `x_NAME`,
        empty where it is missing, and `reconstruction_NAME`; of windows `x_NAME[STEP]`.
    """
    schema = recorded_schema(run.record)
    label = schema.of_kind("label")
    made = named_labels(made, None if label is None else tuple(map(str, label.categories)))
    places = {name: made[name] for name in ("row", "split", "labels") if made[name] is not None}
    is_missing = np.isnan(made["x"])
    x = schema.decode(np.where(is_missing, 0, made["x"]), ~is_missing)
    reconstruction = schema.decode(made["reconstruction"])
    parts = x.add_prefix("x_"), reconstruction.add_prefix("reconstruction_")
    return pd.concat([pd.DataFrame(places), *parts], axis=1)


def picture_of_table(run: Run, x: np.ndarray, title: str, note: str = "") -> "Figure":
    """The same as a picture, shaded by where a value lies among those of training; with a second
    line of the title, if it is not empty."""
    from keras_vae.table_pictures import picture_of_rows  # rows need no matplotlib

    return picture_of_rows(run.load_data(), x, f"{title}\n{note}" if note else title)


def encode_table(run: Run, rows: Rows) -> dict[str, Any]:
    """q(z|x) of each row, as `encode_rows` has it; all of them are of the split `"new"`."""
    z_mean, z_log_var = run.vae.encode(rows.given)
    return {
        "row": rows.place["row"],
        "split": np.full(len(rows), "new"),
        "labels": rows.labels,
        "z_mean": z_mean,
        "z_log_var": z_log_var,
    }


def score_table(scores: Scores, names: Sequence[str], rows: Rows | None = None) -> pd.DataFrame:
    """A row for each example: its figures, and the entries that make it unlikely.

    Args:
        scores: `Scores` of N examples.
        names: of the entries of x, flat.
        rows: the examples, where they are rows of a table.

    Returns:
        `DataFrame`: `row`, from 0, and of windows the group and the time of their first row,
        which is that row; `log_evidence`, `standard_error`, `elbo`, `distortion`, `rate`,
        nats; `rank`, 1 for the least likely of them by `tail_probability`; and `unlikely`, at most
        three entries as unlikely as which are less than 5 % of the reference examples, the least
        likely first, each with its tail.
    """
    tails = scores.tail_of_entries.reshape(len(scores.elbo), -1)
    nats = scores.of_entries.reshape(tails.shape)
    known = scores.reference_of_entries.reshape(-1)
    # tail = (1 + as unlikely) / (1 + known): of few known even the least likely has a large one
    shares = (tails * (1 + known) - 1) / np.maximum(known, 1)
    shares = np.where(known > 0, shares, 1)
    return pd.DataFrame({
        **({"row": np.arange(len(tails))} if rows is None else rows.place),
        **{name: getattr(scores, name) for name in (
            "log_evidence", "standard_error", "elbo", "distortion", "rate", "tail_probability",
        )},
        "rank": pd.Series(scores.tail_probability).rank(method="min").astype(int),
        "unlikely": [_unlikely(*row, names) for row in zip(tails, shares, nats, strict=True)],
    })  # fmt: skip


def _unlikely(tails: np.ndarray, shares: np.ndarray, nats: np.ndarray, names: Sequence[str]) -> str:
    # of equal tails, as of few reference examples, that with the fewest nats; NaN comes last
    order = np.lexsort((nats, tails))[:NAMED]
    return "; ".join(f"{names[j]} {tails[j]:.2g}" for j in order if shares[j] < UNLIKELY)


def imputation_table(rows: Rows, found: Imputation) -> pd.DataFrame:
    """A row for each gap that was filled: its place, its value, and the interval around it.

    Returns:
        `DataFrame`: `row`, from 0, `column`, `value`, `low`, `high`, each as the table spells it,
        and `effective_samples`.
    """
    spelled = [rows.schema.decode(part) for part in (found.x, found.low, found.high)]
    places = np.argwhere(rows.mask == 0)
    names = [column.name for column in rows.schema.modelled]
    values: Mapping[str, list[Any]] = {
        name: [part.iat[row, entry] for row, entry in places]
        for name, part in zip(("value", "low", "high"), spelled, strict=True)
    }
    return pd.DataFrame({
        "row": places[:, 0],
        "column": [names[entry] for entry in places[:, 1]],
        **values,
        "effective_samples": found.effective_samples[places[:, 0]],
    })  # fmt: skip
