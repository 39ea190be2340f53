"""What p(x|z) a run has, and what its encoder sees of a table: as config and data say."""

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_vae.config import Config
from keras_vae.data import Dataset, default_likelihood, levels_of
from keras_vae.distributions import (
    LIKELIHOODS,
    Bernoulli,
    Categorical,
    Columns,
    DiagonalGaussian,
    DiscretizedLogistic,
    Likelihood,
    LogNormal,
    NegativeBinomial,
    Ordinal,
)
from keras_vae.errors import ConfigError
from keras_vae.networks import ColumnFeatures

__all__ = ["column_features", "likelihood_of"]

# Kind of a column -> its family, and in which form the encoder sees it.
FAMILIES: dict[str, tuple[type[Likelihood], str]] = {
    "real": (DiagonalGaussian, "identity"),
    "date": (DiagonalGaussian, "identity"),
    "positive": (LogNormal, "log"),
    "count": (NegativeBinomial, "log1p"),
    "binary": (Bernoulli, "identity"),
    "ordinal": (Ordinal, "identity"),
    "categorical": (Categorical, "one_hot"),
}
TRANSFORMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "identity": np.asarray,
    "log": np.log,
    "log1p": np.log1p,
    "one_hot": np.asarray,
}


def likelihood_of(config: Config, dataset: Dataset) -> Likelihood:
    """A new likelihood: of a table `Columns`, each of the family of its kind; else that of the
    config, over as many levels as images have.

    Args:
        config: `Config`.
        dataset: `Dataset`.
    """
    name = config.likelihood or default_likelihood(dataset)
    if name == "discretized_logistic":
        return DiscretizedLogistic(dataset.levels or levels_of(dataset.train.x) or 256)
    if name != "columns":
        return LIKELIHOODS[name]()
    if dataset.schema is None:
        raise ConfigError(
            f"--likelihood columns is for tables, and {dataset.name} has no columns of their own "
            f"kinds; choose another, or give a table"
        )
    columns = dataset.schema.modelled
    entries: dict[str, list[int]] = {}
    for number, column in enumerate(columns):
        entries.setdefault(column.kind, []).append(number)
    parts = {}
    for kind, numbers in entries.items():
        classes = [len(columns[number].categories) for number in numbers]
        with_classes = {"classes": classes} if kind in ("ordinal", "categorical") else {}
        parts[kind] = FAMILIES[kind][0](**with_classes)
    return Columns(parts, entries)


def column_features(dataset: Dataset) -> ColumnFeatures:
    """How the encoder sees the rows of a table: by mean and standard deviation of what the training
    split has of each column."""
    x, mask = dataset.train.x, dataset.train.mask
    assert dataset.schema is not None  # a table always has both
    assert mask is not None
    columns = dataset.schema.modelled
    forms = [FAMILIES[column.kind][1] for column in columns]
    center, scale = [], []
    for number, form in enumerate(forms):
        values = TRANSFORMS[form](x[mask[:, number] == 1, number].astype("float64"))
        center.append(values.mean() if values.size else 0.0)
        scale.append(values.std() if values.size else 0.0)
    scale = [width if width > 0 else 1.0 for width in scale]  # of a column that never changes
    classes: list[Any] = [len(column.categories) for column in columns]
    return ColumnFeatures(forms, center, scale, classes)
