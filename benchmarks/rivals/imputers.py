"""What fills gaps without a VAE: column means, regressions in turn, forests."""

import warnings
from collections.abc import Callable

import numpy as np

from .imputation_error import CATEGORIES


def mean_or_mode(x: np.ndarray, mask: np.ndarray, schema) -> np.ndarray:
    """Each gap by the mean of what is observed of its column, of a category by its mode."""
    filled = x.copy()
    for j, column in enumerate(schema.modelled):
        observed = x[mask[:, j] == 1, j]
        is_name = column.kind in CATEGORIES
        value = np.bincount(observed.astype(int)).argmax() if is_name else observed.mean()
        filled[mask[:, j] == 0, j] = value
    return filled


def iterative(x: np.ndarray, mask: np.ndarray, schema) -> np.ndarray:
    """scikit-learn's IterativeImputer with its defaults: Bayesian ridge regressions in turn."""
    return _in_turn(x, mask, schema)


def forests(x: np.ndarray, mask: np.ndarray, schema) -> np.ndarray:
    """The same with a forest of 100 trees for each column, as MissForest does."""
    from sklearn.ensemble import RandomForestRegressor

    return _in_turn(
        x, mask, schema, estimator=RandomForestRegressor(100, random_state=0), max_iter=5
    )


IMPUTERS: dict[str, Callable[..., np.ndarray]] = {
    "mean or mode": mean_or_mode,
    "IterativeImputer": iterative,
    "forests": forests,
}


def _in_turn(x: np.ndarray, mask: np.ndarray, schema, **options) -> np.ndarray:
    """Numbers standardised, categories as one-hot, of which the largest is taken."""
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401
    from sklearn.impute import IterativeImputer

    known = np.where(mask == 1, x, np.nan).astype("float64")
    blocks = []
    for j, column in enumerate(schema.modelled):
        one_hot = known[:, [j]] == np.arange(len(column.categories))
        is_names = column.kind == "categorical"
        blocks.append(np.where(mask[:, [j]] == 1, one_hot, np.nan) if is_names else known[:, [j]])
    wide = np.concatenate(blocks, axis=1)
    center, scale = np.nanmean(wide, axis=0), np.nanstd(wide, axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    imputer = IterativeImputer(random_state=0, keep_empty_features=True, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it has not converged, after its rounds
        wide = imputer.fit_transform((wide - center) / scale) * scale + center
    filled, start = x.copy(), 0
    for j, block in enumerate(blocks):
        part = wide[:, start : start + block.shape[1]]
        start += block.shape[1]
        value = part.argmax(axis=1) if block.shape[1] > 1 else part[:, 0]
        filled[mask[:, j] == 0, j] = value[mask[:, j] == 0]
    return filled
