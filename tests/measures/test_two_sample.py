import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from keras_vae.measures import two_sample
from keras_vae.measures.two_sample import area


def normal(count, d=2, seed=0):
    return np.random.default_rng(seed).standard_normal((count, d))


def test_samples_of_one_distribution_cannot_be_told_apart():
    results = [two_sample(normal(200, seed=2 * k), normal(200, seed=2 * k + 1)) for k in range(25)]
    off = np.array([(each.auc - 0.5) / each.standard_error for each in results])
    assert abs(off.mean()) < 3 / 5
    assert 0.6 < off.std() < 1.5


@pytest.mark.parametrize("shift", [0.5, 1.0, 2.0])
def test_of_a_shift_as_much_is_found_as_there_is(shift):
    result = two_sample(normal(2000), normal(2000, seed=1) + np.array([shift, 0]))
    # no classifier orders two unit normals better than by the shifted entry
    best = stats.norm.cdf(shift / np.sqrt(2))
    assert best - 0.02 - 3 * result.standard_error < result.auc < best + 3 * result.standard_error


def test_a_larger_variance_is_found():
    result = two_sample(normal(2000, d=1), 2 * normal(2000, d=1, seed=1))
    # the best score is |z|: P(|2 a| > |b|) of unit normals
    best = 2 / np.pi * np.arctan(2)
    assert best - 0.02 - 3 * result.standard_error < result.auc < best + 3 * result.standard_error


def test_a_ring_with_the_moments_of_the_prior_is_found():
    angle = np.random.default_rng(0).uniform(0, 2 * np.pi, 1000)
    ring = np.sqrt(2) * np.transpose([np.cos(angle), np.sin(angle)])
    np.testing.assert_allclose(np.cov(ring.T), np.eye(2), atol=0.1)
    assert two_sample(ring, normal(1000)).auc > 0.9


@pytest.mark.parametrize("seed", range(4))
def test_tight_clusters_with_the_moments_of_the_prior_are_found(seed):
    rng = np.random.default_rng(seed)
    clusters = normal(10, 3)[rng.integers(0, 10, 750)] + 0.1 * normal(750, 3, seed=seed)
    clusters = (clusters - clusters.mean(axis=0)) @ np.linalg.inv(
        np.linalg.cholesky(np.cov(clusters.T))
    ).T
    assert two_sample(normal(750, 3, seed=50 + seed), clusters, seed).auc > 0.85


def test_the_area_is_that_of_scikit_learn_with_ties_too():
    rng = np.random.default_rng(0)
    low, high = rng.integers(0, 10, 50), rng.integers(3, 13, 70)
    expected = roc_auc_score(np.repeat([0, 1], [50, 70]), np.concatenate([low, high]))
    assert area(low, high)[0] == pytest.approx(expected, rel=1e-12)


def test_the_standard_error_of_the_area_is_its_spread_over_samples():
    rng = np.random.default_rng(0)
    areas = [area(rng.standard_normal(60), 1 + rng.standard_normal(90)) for _ in range(2000)]
    values, errors = np.transpose(areas)
    assert np.sqrt(np.mean(errors**2)) == pytest.approx(values.std(), rel=0.06)


def test_the_seed_decides():
    first, second = normal(100), normal(100, seed=1) + 0.5
    assert two_sample(first, second) == two_sample(first, second)
    assert two_sample(first, second, seed=1) != two_sample(first, second)


@pytest.mark.parametrize("shape", [(19, 2), (50, 3), (50,)])
def test_samples_that_do_not_fit_together_are_refused(shape):
    with pytest.raises(ValueError, match="expected"):
        two_sample(normal(50), np.zeros(shape))
