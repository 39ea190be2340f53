import numpy as np
import pytest

from keras_vae.evidence import importance_weighted_bound


@pytest.fixture(scope="module")
def model(linear):
    return linear([2.0, 1.0])


@pytest.fixture(scope="module")
def exact(model):
    return model.exact


@pytest.fixture(scope="module")
def x(model):
    return model.draw(500)


@pytest.fixture(scope="module")
def vae(model):
    return model.vae


def test_the_bound_rises_from_the_elbo_to_the_exact_evidence(vae, exact, x):
    bounds = importance_weighted_bound(vae, np.tile(x, (8, 1)), (1, 10, 1000)).bounds
    draws = bounds.reshape(3, 8, len(x)).mean(axis=2)  # (K, runs)
    mean, error = draws.mean(axis=1), draws.std(axis=1, ddof=1) / np.sqrt(8)
    evidence = exact.log_evidence(x).mean()
    assert exact.diagonal_gap() == pytest.approx(np.log(3.5 / np.sqrt(10)))
    assert mean[0] == pytest.approx(evidence - exact.diagonal_gap(), abs=4 * error[0])
    assert mean[0] + 4 * error[0] < mean[1] < evidence
    assert mean[2] == pytest.approx(evidence, abs=4 * error[2] + 1e-3)
    assert (mean <= evidence + 3 * error).all()


def test_one_sample_gives_the_elbo_of_each_example(vae, exact, x):
    few, copies = x[:20], 1000
    bounds = importance_weighted_bound(vae, np.repeat(few, copies, axis=0), [1]).bounds[0]
    draws = bounds.reshape(len(few), copies)
    error = draws.std(axis=1, ddof=1) / np.sqrt(copies)
    elbo = exact.log_evidence(few) - exact.diagonal_gap()
    assert (np.abs(draws.mean(axis=1) - elbo) < 4 * error).all()


def test_the_effective_samples_are_those_that_two_normal_distributions_give(linear):
    # Weaker correlation than above: there w^2 has no variance, and its mean no estimate.
    model = linear([np.sqrt(2), 1.0])
    precision = model.exact.posterior_precision
    diagonal = np.diag(np.diag(precision))
    # E_q[w]^2 / E_q[w^2] = sqrt(det D det(2P - D)) / det P for p ~ N(0, P^-1), q ~ N(0, D^-1)
    share = np.sqrt(np.linalg.det(diagonal) * np.linalg.det(2 * precision - diagonal))
    share /= np.linalg.det(precision)
    result = importance_weighted_bound(model.vae, model.draw(50), [4000])
    assert share < 0.96
    assert np.mean(result.effective_samples) / 4000 == pytest.approx(share, abs=0.005)


def test_the_standard_error_of_an_example_is_the_spread_of_its_bound(vae, x):
    few, copies = x[:20], 60
    result = importance_weighted_bound(vae, np.repeat(few, copies, axis=0), [500])
    spread = result.bounds[0].reshape(len(few), copies).std(axis=1, ddof=1)
    stated = result.standard_error.reshape(len(few), copies).mean(axis=1)
    assert np.mean(spread / stated) == pytest.approx(1, abs=0.15)


def test_a_scale_that_sampling_and_density_do_not_share_would_show(linear):
    """E[w] = p(x) for any q, wide or narrow, if z is drawn from the q that is divided by."""
    for widen in (1.2, 2.0):
        model = linear([1.0, 0.5], widen=widen)
        x = model.draw(300)
        result = importance_weighted_bound(model.vae, x, [5000])
        off = (result.bounds[0] - model.exact.log_evidence(x)) / result.standard_error
        assert np.abs(off.mean()) < 4 / np.sqrt(len(x)) + 0.05
        assert np.sqrt(np.mean(off**2)) < 1.3


def test_where_k_is_enough_no_doubt_is_raised(vae, exact, x):
    result = importance_weighted_bound(vae, x, (1, 100, 1000))
    assert result.doubts == []
    assert result.is_trusted.mean() > 0.9
    off = np.abs(result.bounds[-1] - exact.log_evidence(x))
    assert (off < 4.5 * result.standard_error + 1e-4)[result.is_trusted].mean() > 0.99


def test_where_k_is_too_small_words_say_so(linear):
    """A q four times too narrow: the weights have a tail of shape 1 - 1/16, beyond trust."""
    model = linear([2.0, 1.0], widen=0.25)
    x = model.draw(200)
    result = importance_weighted_bound(model.vae, x, (1, 10, 1000))
    rise, *_, tail = result.doubts
    assert rise.startswith("L_1000 lies ")
    assert rise.endswith("nats above L_10: still rising")
    assert tail.endswith("have a Pareto k-hat above 0.67, or too few samples to tell")
    assert np.median(result.pareto_k) == pytest.approx(1 - 1 / 16, abs=0.15)
    assert result.is_trusted.mean() < 0.2
    few = importance_weighted_bound(model.vae, x, [20])
    assert " of 20 samples are effective" in few.doubts[0]


def test_one_sample_is_never_trusted(vae, x):
    result = importance_weighted_bound(vae, x[:5], [1])
    assert np.isnan(result.pareto_k).all()
    assert not result.is_trusted.any()
    np.testing.assert_allclose(result.effective_samples, 1)


def test_the_figures_do_not_depend_on_chunks_but_on_the_seed(vae, x, monkeypatch):
    first = importance_weighted_bound(vae, x, (1, 7, 45))
    again = importance_weighted_bound(vae, x, (45, 1, 7))
    assert again.ks == (1, 7, 45)
    np.testing.assert_array_equal(first.bounds, again.bounds)
    assert not np.array_equal(first.bounds, importance_weighted_bound(vae, x, first.ks, 1).bounds)
    monkeypatch.setattr("keras_vae.evidence.importance.BATCH_SIZE", 70)
    parts = importance_weighted_bound(vae, x, (1, 7, 45))
    assert parts.bounds.shape == first.bounds.shape == (3, 500)
    np.testing.assert_allclose(parts.bounds[2].mean(), first.bounds[2].mean(), atol=0.1)


@pytest.mark.parametrize("ks", [(), (0, 5)])
def test_numbers_of_samples_below_1_are_refused(vae, x, ks):
    with pytest.raises(ValueError, match="expected numbers of samples of at least 1"):
        importance_weighted_bound(vae, x, ks)
