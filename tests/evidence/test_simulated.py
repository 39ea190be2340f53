import keras
import numpy as np
import pytest
from scipy import stats

from keras_vae import VAE
from keras_vae.evidence import importance_gap, importance_weighted_bound, simulate


def test_examples_and_latents_are_drawn_from_the_model(linear):
    exact = linear([2.0, 1.0]).exact
    x, z = simulate(linear([2.0, 1.0]).vae, 20_000, seed=1)
    assert stats.kstest(z.ravel(), "norm").pvalue > 1e-3
    noise = x - (z @ exact.weights.T + exact.mean)
    assert stats.kstest(noise.ravel(), "norm").pvalue > 1e-3
    assert abs(np.corrcoef(z[:, 0], noise[:, 0])[0, 1]) < 4 / np.sqrt(len(z))
    again, _ = simulate(linear([2.0, 1.0]).vae, 20_000, seed=1)
    np.testing.assert_array_equal(x, again)
    assert not np.array_equal(x, simulate(linear([2.0, 1.0]).vae, 20_000, seed=2)[0])


@pytest.mark.parametrize("samples", [2, 20])
def test_the_gap_holds_the_distance_from_the_exact_evidence(linear, samples):
    model = linear([2.0, 1.0], widen=1.5)
    gap = importance_gap(model.vae, 4000, samples, seed=0)
    x, _ = simulate(model.vae, 4000, seed=0)
    lower = importance_weighted_bound(model.vae, x, [samples - 1], seed=0).bounds[0]
    evidence = model.exact.log_evidence(x)
    above = lower + gap - evidence
    assert above.mean() > -3 * above.std() / np.sqrt(len(x))
    assert (evidence - lower).mean() < gap.mean()


def test_with_the_exact_posterior_there_is_no_gap(linear):
    model = linear([2.0])
    np.testing.assert_allclose(importance_gap(model.vae, 50, 10), 0, atol=1e-5)


def test_a_mode_that_q_misses_shows_though_the_weights_look_sound():
    """x|z ~ N(z^2, 0.3^2): two roots, of which q(z|x) knows one, and covers it well."""
    inputs, z = keras.Input((1,)), keras.Input((1,))
    root = keras.ops.sqrt(keras.ops.maximum(inputs, 0.1))
    log_var = 2 * keras.ops.log(1.2 * 0.3 / (2 * root))  # a little wider than p(z|x) there
    decoder = keras.Model(z, keras.layers.Multiply()([z, z]))
    vae = VAE(keras.Model(inputs, [root, log_var]), decoder, likelihood="gaussian")
    x, _ = simulate(vae, 200, seed=0)
    weights = importance_weighted_bound(vae, x, (10, 1000))
    gap = importance_gap(vae, 200, 1000)
    assert np.mean(gap) > 1
    assert weights.is_trusted.mean() > 0.4  # nearly half of them, which are no better


def test_one_sample_is_refused(linear):
    with pytest.raises(ValueError, match="samples=1: expected at least 2"):
        importance_gap(linear([2.0]).vae, 5, 1)
