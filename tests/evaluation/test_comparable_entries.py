import numpy as np
import pytest

from keras_vae.data import Examples
from keras_vae.data.tables import Column, Schema
from keras_vae.distributions import Bernoulli, DiagonalGaussian, DiscretizedLogistic, Poisson
from keras_vae.evaluation.comparable_entries import comparable_entries

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("likelihood", [Bernoulli(), DiagonalGaussian(), DiscretizedLogistic()])
def test_pixels_are_left_as_they_are(likelihood):
    x = RNG.random((7, 2, 3)).astype("float32")
    train, others, words = comparable_entries(Examples(x[:4]), Examples(x[4:]), likelihood)
    np.testing.assert_array_equal(train, x[:4].reshape(4, 6))
    np.testing.assert_array_equal(others, x[4:].reshape(3, 6))
    assert words == "entries as the model sees them"


def test_of_counts_the_logarithm_is_taken():
    x = RNG.poisson(30, (7, 3)).astype("float32")
    train, others, words = comparable_entries(Examples(x[:4]), Examples(x[4:]), Poisson())
    np.testing.assert_allclose(np.concatenate([train, others]), np.log(1 + x), rtol=1e-6)
    assert words == "log(1 + count) of each entry"


def test_gaps_have_the_mean_of_what_was_observed_in_training():
    x = np.float32([[1, 5, 0], [3, 0, 0], [8, 9, 7]])
    mask = np.float32([[1, 1, 0], [1, 0, 0], [0, 1, 1]])
    parts = [Examples(x[rows], mask=mask[rows]) for rows in (slice(2), slice(2, 3))]
    train, others, words = comparable_entries(*parts, DiagonalGaussian())
    np.testing.assert_array_equal(train, [[1, 5, 0], [3, 5, 0]])
    np.testing.assert_array_equal(others, [[2, 9, 7]])
    assert words.endswith(", gaps filled with the mean")


def test_columns_of_a_table_lose_their_units():
    kinds = {"real": (), "positive": (), "count": (), "date": ()}
    kinds |= {"binary": ("n", "y"), "ordinal": ("s", "m", "l"), "categorical": ("a", "b", "c")}
    schema = Schema(tuple(Column(kind, kind, levels) for kind, levels in kinds.items()))
    x = np.column_stack(
        [
            RNG.normal(50, 9, 40), np.exp(RNG.normal(9, 1, 40)), RNG.poisson(4, 40),
            RNG.integers(18_000, 19_000, 40), RNG.integers(0, 2, 40), RNG.integers(0, 3, 40),
            RNG.integers(0, 3, 40),
        ]
    ).astype("float32")  # fmt: skip
    mask = (RNG.random(x.shape) < 0.8).astype("float32")
    x = x * mask
    parts = [Examples(x[rows], mask=mask[rows]) for rows in (slice(30), slice(30, 40))]
    train, others, words = comparable_entries(*parts, DiagonalGaussian(), schema)
    both, observed = (
        np.concatenate([train, others]),
        np.where(mask > 0, x, np.nan).astype("float64"),
    )
    observed[:, 1], observed[:, 2] = np.log(observed[:, 1]), np.log(1 + observed[:, 2])
    mean, width = np.nanmean(observed[:30], axis=0), np.nanstd(observed[:30], axis=0)
    expected = np.nan_to_num((observed - mean) / width)
    np.testing.assert_allclose(both[:, :6], expected[:, :6], atol=2e-4)
    one_hot = np.eye(3)[x[:, 6].astype(int)] * mask[:, 6:]
    np.testing.assert_array_equal(both[:, 6:], one_hot)
    assert "categories as 0 and 1" in words
