import numpy as np
import pytest

from keras_vae.measures import principal_directions


@pytest.mark.parametrize("shape", [(200, 12), (12, 200), (30, 30)])
def test_they_are_the_singular_vectors(shape):
    x = np.random.default_rng(0).standard_normal(shape) * np.linspace(1, 3, shape[1])
    _, singular, rows = np.linalg.svd(x, full_matrices=False)
    variances, directions = principal_directions(x, 4)
    np.testing.assert_allclose(variances, singular[:4] ** 2 / shape[0], rtol=1e-10)
    np.testing.assert_allclose(np.abs(rows[:4] @ directions), np.eye(4), atol=1e-8)


@pytest.mark.parametrize("rank", [1, 2, 150])
@pytest.mark.parametrize("shape", [(400, 150), (150, 400)])
def test_a_few_of_many_are_found_too_whatever_the_rank(shape, rank):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((shape[0], rank)) @ rng.standard_normal((rank, shape[1]))
    x -= x.mean(axis=0)
    _, singular, rows = np.linalg.svd(x, full_matrices=False)
    variances, directions = principal_directions(x, 3)
    np.testing.assert_allclose(variances, singular[:3] ** 2 / shape[0], rtol=1e-9, atol=1e-9)
    known = min(rank, 3)
    np.testing.assert_allclose(
        np.abs(rows[:known] @ directions[:, :known]), np.eye(known), atol=1e-6
    )
    again = principal_directions(x, 3)
    np.testing.assert_array_equal(again[0], variances)


@pytest.mark.parametrize("entries", [5, 300])
def test_without_variance_there_is_no_direction(entries):
    variances, directions = principal_directions(np.zeros((3, entries)), 2)
    assert not variances.any()
    assert not directions.any()


def test_none_may_be_asked_for():
    variances, directions = principal_directions(np.ones((3, 2)), 0)
    assert (variances.shape, directions.shape) == ((0,), (2, 0))


def test_lists_are_taken_too():
    x = np.random.default_rng(0).standard_normal((20, 3))
    for ours, theirs in zip(
        principal_directions(x.tolist(), 2), principal_directions(x, 2), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
