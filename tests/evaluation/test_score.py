import numpy as np
import pytest
from evaluation.linear_with_gaps import COVARIANCE, MEAN, SIGMA, WEIGHTS, linear_vae
from scipy import stats

from keras_vae import ConfigError, score
from keras_vae.evaluation.score import _tail

SAMPLES = 20_000
RNG = np.random.default_rng(0)
REFERENCE = RNG.multivariate_normal(MEAN, COVARIANCE, 60).astype("float32")
X = MEAN + np.float32([[0, 0, 0], [6, 0, 0], [0, 0, 1]])
MASK = np.float32([[1, 1, 1], [1, 1, 1], [1, 0, 1]])


@pytest.fixture(scope="module")
def vae():
    return linear_vae()


@pytest.fixture(scope="module")
def scores(vae):
    reference = {"x": REFERENCE, "mask": np.ones_like(REFERENCE)}
    return score(vae, {"x": X, "mask": MASK}, reference, SAMPLES, seed=1)


def test_log_p_is_that_of_the_normal_distribution_of_what_was_observed(scores):
    for row in range(3):
        there = MASK[row] == 1
        p = stats.multivariate_normal(MEAN[there], COVARIANCE[np.ix_(there, there)])
        error = 4 * scores.standard_error[row]
        assert scores.log_evidence[row] == pytest.approx(p.logpdf(X[row, there]), abs=error)
        assert 0 < scores.standard_error[row] < 0.5


def test_the_bound_and_its_parts_are_those_of_the_prior_as_posterior(scores):
    np.testing.assert_allclose(scores.rate, 0, atol=1e-5)
    np.testing.assert_allclose(scores.elbo, -scores.distortion - scores.rate)
    # E over z ~ N(0, 1) of -log N(x; z W + MEAN, SIGMA^2), of the first row, where x = MEAN
    squares = np.sum(WEIGHTS**2) / SIGMA**2
    expected = 0.5 * (squares + 3 * np.log(2 * np.pi * SIGMA**2))
    spread = squares / np.sqrt(2 * SAMPLES)
    assert scores.distortion[0] == pytest.approx(expected, abs=4 * spread)


def test_what_an_entry_has_of_it_is_the_mean_over_the_posterior(scores):
    # z | x is normal: precision 1 + |W|^2 / SIGMA^2, and mean 0 for x = MEAN
    variance = 1 / (1 + np.sum(WEIGHTS**2) / SIGMA**2)
    squares = WEIGHTS[0] ** 2 * variance / SIGMA**2
    expected = -0.5 * (squares + np.log(2 * np.pi * SIGMA**2))
    np.testing.assert_allclose(scores.of_entries[0], expected, atol=0.03)


def test_a_row_off_the_plane_is_the_least_likely_and_its_entry_is_named(scores):
    assert scores.tail_probability[1] == pytest.approx(1 / 61)
    assert scores.tail_of_entries[1, 0] == pytest.approx(1 / 61)
    assert scores.tail_probability[0] > 0.5


def test_a_missing_entry_has_no_tail_and_does_not_make_a_row_unlikely(scores):
    assert np.isnan(scores.of_entries[2, 1])
    assert np.isnan(scores.tail_of_entries[2, 1])
    assert scores.tail_probability[2] > 0.2


def test_an_entry_that_no_reference_example_has_does_not_change_the_rank_of_a_row(vae):
    mask = np.ones_like(REFERENCE)
    mask[:, 1] = 0
    reference = {"x": REFERENCE, "mask": mask}
    without = np.float32([[1, 0, 1]] * 3)
    expected = score(vae, {"x": X, "mask": without}, reference, SAMPLES, seed=1)
    found = score(vae, {"x": X, "mask": np.ones_like(X)}, reference, SAMPLES, seed=1)
    np.testing.assert_allclose(found.tail_probability, expected.tail_probability, atol=0.1)
    assert np.all(found.tail_of_entries[:, 1] == 1)
    assert found.reference_of_entries.tolist() == mask.sum(axis=0).tolist()


def test_the_tail_is_the_share_of_reference_values_as_low_or_lower():
    reference = np.array([[1.0, np.nan], [2.0, 5.0], [3.0, 6.0]])
    found = _tail(np.array([[2.0, 4.0], [9.0, np.nan]]), reference)
    np.testing.assert_allclose(found, [[3 / 4, 1 / 3], [1, np.nan]])


def test_the_protocol_says_what_was_drawn_and_among_whom_it_is_ranked(scores):
    assert f"K = {SAMPLES}" in scores.protocol
    assert "60 reference examples" in scores.protocol


def test_fewer_than_two_samples_are_refused(vae):
    with pytest.raises(ConfigError, match="samples=1"):
        score(vae, X, REFERENCE, samples=1)


def test_the_scores_of_a_row_do_not_depend_on_the_rows_beside_it(vae):
    reference = {"x": REFERENCE, "mask": np.ones_like(REFERENCE)}
    together = score(vae, reference, reference, 50, seed=1)
    alone = score(vae, {name: part[7:9] for name, part in reference.items()}, reference, 50, seed=1)
    for name in ("log_evidence", "elbo", "tail_probability", "of_entries"):
        part = getattr(together, name)[7:9]
        np.testing.assert_allclose(getattr(alone, name), part, rtol=1e-5, atol=1e-5)
    # but on the seed
    other = score(vae, reference, reference, 50, seed=2)
    assert np.abs(other.elbo - together.elbo).min() > 1e-4
