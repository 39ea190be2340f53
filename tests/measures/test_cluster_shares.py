import numpy as np
import pytest
from scipy import stats

from keras_vae.measures import cluster_shares


def blobs(counts, seed=0, d=6):
    """As many examples of each of some kinds that nobody mixes up, in no order."""
    rng = np.random.default_rng(seed)
    centres = 10 * np.eye(len(counts), d)
    x = np.repeat(centres, counts, axis=0) + 0.1 * rng.standard_normal((sum(counts), d))
    return rng.permutation(x)


def test_with_a_cluster_for_each_kind_the_test_is_that_of_the_known_counts():
    counts = [[100, 50, 50], [60, 90, 30]]
    found = cluster_shares(blobs(counts[0]), blobs(counts[1], seed=1), bins=3)
    assert found.bins == 3
    assert found.p_value == 1 / 20_000  # chi^2 gives 2e-7
    # 90 of 180 beside 50 of 200
    assert found.excess == pytest.approx(0.5 - 0.25, rel=1e-12)
    assert found.excess_error == pytest.approx(np.sqrt(0.25 / 180 + 0.1875 / 200))


def test_of_large_clusters_the_probability_is_that_of_chi_squared():
    counts = [[100, 50, 50], [75, 60, 45]]
    found = cluster_shares(blobs(counts[0]), blobs(counts[1], seed=1), bins=3)
    assert found.p_value == pytest.approx(stats.chi2_contingency(counts).pvalue, rel=0.05)


def test_of_small_clusters_the_probability_is_that_of_fisher():
    # a cluster of 3, all of them among 20 of 120: C(20, 3) / C(120, 3); chi^2 gives 1e-4
    found = cluster_shares(blobs([100, 0]), blobs([17, 3], seed=1), bins=2)
    assert found.p_value == pytest.approx(20 * 19 * 18 / (120 * 119 * 118), rel=0.25)


def test_the_excess_is_of_the_second_sample_and_of_shares_not_counts():
    often, seldom = blobs([90, 10]), blobs([10, 10], seed=1)
    assert cluster_shares(often, seldom, bins=2).excess == pytest.approx(0.5 - 0.1)
    assert cluster_shares(seldom, often, bins=2).excess == pytest.approx(0.9 - 0.5)
    assert cluster_shares(blobs([50, 50]), blobs([500, 500], 1), bins=2).excess == 0


def test_a_kind_left_out_of_the_first_sample_is_found():
    first, second = blobs([300, 300, 300, 0]), blobs([225, 225, 225, 225], seed=1)
    found = cluster_shares(first, second)
    assert found.p_value < 1e-4
    # its 225 of 900 fall into one cluster or a few
    assert 0.25 / 8 < found.excess < 0.251


def test_p_values_of_one_distribution_are_spread_evenly():
    found = [
        cluster_shares(*np.random.default_rng(seed).standard_normal((2, 200, 2, 3)), bins=8)
        for seed in range(25)
    ]
    p_values = [each.p_value for each in found]
    assert stats.kstest(p_values, "uniform").pvalue > 1e-3
    assert min(p_values) > 1e-4
    assert max(each.excess for each in found) < 0.2


def test_the_clusters_are_of_the_directions_that_vary_most():
    rng = np.random.default_rng(0)
    # 40 entries of noise before and after the one that tells
    sides = [np.repeat([-5.0, 5.0], counts) for counts in ([200, 0], [100, 100])]
    samples = [rng.standard_normal((200, 81)) for _ in sides]
    for sample, side in zip(samples, sides, strict=True):
        sample[:, 40] = side
    found = cluster_shares(*samples, bins=2)
    assert found.excess == pytest.approx(0.5)


def test_a_mean_far_from_0_hides_nothing():
    first, second = blobs([100, 50]) + 1e4, blobs([50, 100], seed=1) + 1e4
    assert cluster_shares(first, second, bins=2).excess == pytest.approx(1 / 3)


def test_there_are_no_more_clusters_than_different_examples():
    first = np.repeat([[0.0, 0], [1, 0], [0, 1]], [30, 30, 40], axis=0)
    found = cluster_shares(first, first)
    assert (found.bins, found.p_value, found.excess) == (3, 1, 0)
    same = cluster_shares(np.zeros((10, 2)), np.zeros((5, 2)))
    assert (same.bins, same.p_value, same.excess) == (1, 1, 0)


def test_the_seed_decides():
    first, second = np.random.default_rng(0).standard_normal((2, 200, 4))
    assert cluster_shares(first, second, seed=1) == cluster_shares(first, second, seed=1)
    assert cluster_shares(first, second, seed=1) != cluster_shares(first, second, seed=2)
