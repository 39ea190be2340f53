import numpy as np
import pytest
from scipy.special import expit, logit

from keras_vae.measures import collapse_threshold


def all_states(entries=6, seed=0):
    """Binary states, their probabilities under two hidden causes, and draws of them."""
    rng = np.random.default_rng(seed)
    states = (np.arange(2**entries)[:, None] >> np.arange(entries) & 1).astype("float64")
    causes = rng.uniform(0.15, 0.85, (2, entries))
    log_p = states @ np.log(causes).T + (1 - states) @ np.log1p(-causes).T
    return states, np.exp(log_p) @ [0.6, 0.4]


def gain(states, probability, beta, size=1e-2):
    """Best gain in -(D + beta R), nats, of a latent of a small size over none, by quadrature."""
    mean = probability @ states
    residual = (states - mean) / np.sqrt(mean * (1 - mean))
    _, vectors = np.linalg.eigh(residual.T * probability @ residual)
    direction = vectors[:, -1]
    nodes, weights = np.polynomial.hermite_e.hermegauss(20)
    weights = weights / weights.sum()

    def objective(encoder, decoder, log_var):
        z_mean = encoder * residual @ direction
        z = z_mean[:, None] + np.exp(log_var / 2) * nodes
        logits = logit(mean) + decoder * z[..., None] * direction / np.sqrt(mean * (1 - mean))
        signs = 2 * states[:, None] - 1
        log_likelihood = np.sum(np.log(expit(signs * logits)), axis=-1)
        rate = (z_mean**2 + np.exp(log_var) - 1 - log_var) / 2
        return probability @ (log_likelihood @ weights - beta * rate)

    without = objective(0.0, 0.0, 0.0)
    found = [
        objective(size, size * ratio, -(size**2) * narrow) - without
        for ratio in beta * np.geomspace(0.25, 4, 41)
        for narrow in np.linspace(0, 8, 17) / beta
    ]
    return max(found)


def test_below_it_a_small_latent_gains_and_above_it_none_does():
    states, probability = all_states()
    # as many copies of each state as it is probable
    x = np.repeat(states, np.rint(probability * 1e5).astype(int), axis=0)
    threshold, _ = collapse_threshold(x, x.var(axis=0))
    assert 1 < threshold < 6
    assert gain(states, probability, 0.9 * threshold) > 0
    assert gain(states, probability, 1.1 * threshold) < 0


def test_for_binary_data_it_is_the_largest_eigenvalue_of_the_correlation_matrix():
    rng = np.random.default_rng(0)
    x = (rng.random((500, 1)) + rng.random((500, 9)) > 1).astype("float32").reshape(500, 3, 3)
    expected = np.linalg.eigvalsh(np.corrcoef(x.reshape(500, 9).T))[-1]
    threshold, _ = collapse_threshold(x, x.var(axis=0, dtype="float64"))
    assert threshold == pytest.approx(expected, rel=1e-12)


def test_for_a_gaussian_it_is_the_largest_variance_over_that_of_the_noise():
    x = np.random.default_rng(0).standard_normal((1000, 3)) * [5.0, 2.0, 1.0]
    threshold, _ = collapse_threshold(x, 0.25)
    assert threshold == pytest.approx(np.linalg.eigvalsh(np.cov(x.T, bias=True))[-1] / 0.25)


def test_the_standard_error_is_the_spread_over_samples():
    rng = np.random.default_rng(0)
    draws = [
        collapse_threshold(rng.standard_normal((400, 3)) * [3.0, 1.0, 1.0], 1.0) for _ in range(400)
    ]
    values, errors = np.transpose(draws)
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.15)
    assert np.mean(values) == pytest.approx(9.0, rel=0.02)


def test_entries_that_never_change_are_left_out():
    x = np.random.default_rng(0).integers(0, 2, (200, 5)).astype("float32")
    with_constants = np.concatenate([x, np.zeros((200, 3))], axis=1)
    assert collapse_threshold(with_constants, with_constants.var(axis=0)) == pytest.approx(
        collapse_threshold(x, x.var(axis=0)), rel=1e-6
    )
    with pytest.raises(ValueError, match="constant data"):
        collapse_threshold(np.ones((5, 2)), 0.0)
