"""The columns of a table, each by itself."""

from functools import cached_property
from typing import Any

import keras
import numpy as np
from scipy import linalg

from keras_vae import measures
from keras_vae.data.given import array_of, part_of
from keras_vae.data.tables import LEVELS
from keras_vae.diagnosis.measurements.calls import mask_of
from keras_vae.diagnosis.measurements.examined import Examined
from keras_vae.diagnosis.subjects.of_likelihood import OfLikelihood
from keras_vae.distributions import DiagonalGaussian, NegativeBinomial

__all__ = ["OfColumns"]

FEWEST = 20  # values of a column, of which anything is said


class OfColumns(Examined):
    """What each column of a table has."""

    def column_values(self, *kinds: str) -> dict[str, np.ndarray]:
        """The training values, float64, of each column of these kinds, all that were observed; of
        columns with fewer than 20, and of data that are not a table, none."""
        if not self.subject.columns:
            return {}
        x, mask = array_of(self.subject.train), mask_of(self.subject.train)
        there = np.ones_like(x) if mask is None else mask
        values = {
            column.name: np.asarray(x[there[:, j] > 0, j], "float64")
            for j, column in enumerate(self.subject.columns)
            if column.kind in kinds
        }
        return {name: of_column for name, of_column in values.items() if len(of_column) >= FEWEST}

    @cached_property
    def different_values(self) -> dict[str, int]:
        """How many different values each column has in all training rows."""
        if not self.subject.columns:
            return {}
        x, mask = array_of(self.subject.train), mask_of(self.subject.train)
        there = np.ones_like(x) if mask is None else mask
        return {
            column.name: len(np.unique(x[there[:, j] > 0, j]))
            for j, column in enumerate(self.subject.columns)
        }

    @cached_property
    def nats_in_common(self) -> float | None:
        """What the columns have in common beyond what the model is told, nats a row: see
        `measures.total_correlation`, of what is linear; None of data that are not a table."""
        if not self.subject.columns:
            return None
        given = self.given_train
        x, mask, condition = array_of(given), mask_of(given), part_of(given, "condition")
        there = np.ones(x.shape, bool) if mask is None else mask > 0
        scores = np.concatenate(
            [_scores(c, x[:, j], there[:, j]) for j, c in enumerate(self.subject.columns)], axis=1
        )
        if condition is not None:
            told = np.concatenate([np.ones((len(x), 1)), condition], axis=1)
            scores = scores - told @ np.linalg.lstsq(told, scores, rcond=None)[0]
        return measures.total_correlation(scores)

    @cached_property
    def gain_of_columns(self) -> np.ndarray:
        """log p(x_j|z) of each column of each held-out example above its log p(x_j) where z is
        ignored: float64 (N, C), nats; 0 where it is missing."""
        terms = self.held_out
        x, mask = array_of(terms.given), mask_of(terms.given)
        there = np.ones_like(x) if mask is None else mask
        given_z = self.likelihood.log_prob_of_entries(x, self._decode(terms.z, terms.given), there)
        train = self.subject.train  # all of it, as the likelihood itself was fitted
        alone, best = self.likelihood.fitted_without_z(array_of(train), mask_of(train))
        return given_z - alone.log_prob_of_entries(x, _repeated(best, len(x)), there)

    @cached_property
    def gain_of_counting(self) -> dict[str, np.ndarray]:
        """Of each real column of whole numbers from 0: how much better a negative binomial fits
        each value than a normal distribution, (N,), nats.

        The cells of whole numbers are 1 wide: there a density is compared with a probability.
        """
        return {
            name: _log_prob(NegativeBinomial(), values) - _log_prob(DiagonalGaussian(), values)
            for name, values in self.column_values("real").items()
            if (values >= 0).all() and (values % 1 == 0).all() and np.ptp(values) > 1
        }


def _scores(column: Any, values: np.ndarray, there: np.ndarray) -> np.ndarray:
    """A column as numbers of variance 1 that are not correlated, (N, 1), of K categories
    (N, K - 1); the mean, 0, where it is missing."""
    if not there.any():
        return np.zeros((len(values), 0))
    if column.kind in LEVELS:
        is_code = values[:, None] == np.unique(values[there])
        share = is_code[there].mean(axis=0)
        # (1{x = k} - p_k) / sqrt(p_k): of variance 1 in all directions but that of sqrt(p)
        scores = (is_code - share) / np.sqrt(share) @ linalg.null_space(np.sqrt(share)[None])
    else:
        form = {"positive": np.log, "count": np.log1p}.get(column.kind, np.asarray)
        numbers = form(np.where(there, values, 1.0).astype("float64"))[:, None]
        scores = numbers - numbers[there].mean(axis=0)
    return np.where(there[:, None], scores, 0.0)


def _log_prob(likelihood: NegativeBinomial | DiagonalGaussian, values: np.ndarray) -> np.ndarray:
    """log p of each value under the best fit to all of them, (N,), nats."""
    x = values[:, None].astype("float32")
    fitted, best = OfLikelihood(likelihood).fitted_without_z(x)
    return fitted.log_prob(x, _repeated(best, len(x)))


def _repeated(parameters: Any, count: int) -> Any:
    """The same parameters for each example."""
    return keras.tree.map_structure(lambda part: np.repeat(part[None], count, 0), parameters)
