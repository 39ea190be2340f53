"""The entries of examples as numbers whose differences can be added up."""

import numpy as np

from keras_vae.data import Examples
from keras_vae.data.tables import Column, Schema
from keras_vae.distributions import Likelihood

__all__ = ["comparable_entries"]


def comparable_entries(
    train: Examples, others: Examples, likelihood: Likelihood, schema: Schema | None = None
) -> tuple[np.ndarray, np.ndarray, str]:
    """What a distance between two examples, or a linear function of one, is taken of.

    Of a table the columns have units of their own: numbers are standardised, with the logarithm of
    those above 0 and log(1 + n) of counts, and a category is a 0 or 1 for each of its values. Of
    other counts each entry is log(1 + n), because a few large ones would be all of a distance. All
    else is left as it is.

    Args:
        train: `Examples` that say what mean and standard deviation are, and what stands in a gap:
            the mean, of a category no value.
        others: `Examples` that are treated likewise.
        likelihood: `Likelihood` of the model, which says whether entries are counts.
        schema: `Schema` of a table; None of other data.

    Returns:
        (float32 (M, D) of `train`, float32 (N, D) of `others`, what was done, in words).
    """
    parts = [_flat(part) for part in (train, others)]
    if schema is not None:
        columns = [_column(parts, j, column) for j, column in enumerate(schema.modelled)]
        first, second = (np.concatenate(column, axis=1) for column in zip(*columns, strict=True))
        words = "numbers standardised, logarithms of those above 0 and of counts, categories as "
        return first, second, words + "0 and 1"
    words = "entries as the model sees them"
    if likelihood.is_discrete and tuple(likelihood.support) == (0, np.inf):
        parts = [(np.log1p(x), there) for x, there in parts]
        words = "log(1 + count) of each entry"
    (x, there), (x_others, there_others) = parts
    if not (there.all() and there_others.all()):
        mean = _mean(x, there)
        x, x_others = np.where(there, x, mean), np.where(there_others, x_others, mean)
        words += ", gaps filled with the mean"
    return x.astype("float32"), x_others.astype("float32"), words


def _flat(examples: Examples) -> tuple[np.ndarray, np.ndarray]:
    """(values (N, D), which of them were observed)."""
    x = examples.x.reshape(len(examples), -1)
    if examples.mask is None:
        return x, np.ones(x.shape, bool)
    return x, examples.mask.reshape(x.shape) > 0


def _mean(x: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Of what was observed of each entry; 0 where nothing was."""
    total = np.sum(x, axis=0, where=there, dtype="float64")
    return np.asarray(total / np.maximum(there.sum(axis=0), 1))


def _column(
    parts: list[tuple[np.ndarray, np.ndarray]], j: int, column: Column
) -> tuple[np.ndarray, ...]:
    """The features (M, f) and (N, f) of one column, float32, 0 in gaps."""
    values = [(x[:, [j]], there[:, [j]]) for x, there in parts]
    if column.kind == "categorical":
        codes = np.arange(len(column.categories))
        return tuple(((np.round(x) == codes) & there).astype("float32") for x, there in values)
    form = {"positive": np.log, "count": np.log1p}.get(column.kind, np.asarray)
    # what stands in a gap, 0, may have no logarithm
    formed = [(form(np.where(there, x, 1).astype("float64")), there) for x, there in values]
    mean = _mean(*formed[0])
    width = np.sqrt(_mean((formed[0][0] - mean) ** 2, formed[0][1]))
    width = np.where(width > 0, width, 1)
    return tuple(np.where(there, (x - mean) / width, 0).astype("float32") for x, there in formed)
