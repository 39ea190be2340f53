from itertools import product

import keras
import numpy as np
import pytest
from scipy import stats

from keras_vae import VAE
from keras_vae.evidence import exact, exact_evidence
from keras_vae.evidence.exact import EXACT_ERROR


@pytest.mark.parametrize(
    "strengths",
    [[2.0], [2.0, 1.0], [300.0, 10.0], [1.0, 2.0, 0.5]],
    ids=["1 latent", "2 latents", "a narrow posterior", "3 latents"],
)
def test_the_linear_model_has_its_closed_form(linear, strengths):
    model = linear(strengths)
    x = model.draw(30)
    result = exact_evidence(model.vae, x)
    expected = model.exact.log_evidence(x)
    off = np.abs([result.log_evidence - expected, result.log_normaliser - expected])
    assert (off <= result.error + 1e-4).all()
    assert off.max() < exact.TARGET_ERROR
    assert result.is_exact.all()


def test_binary_images_have_the_evidence_of_a_brute_force_grid(small_vae, binary_x):
    vae = small_vae()
    x = binary_x[:25]
    line = np.linspace(-8, 8, 401)
    z = np.array(list(product(line, repeat=2)), "float32")
    log_prior = stats.norm.logpdf(z.astype("float64")).sum(axis=1)
    logits = np.asarray(vae.decoder(z), "float64")
    log_likelihood = x @ logits.T - np.logaddexp(0, logits).sum(axis=1)
    expected = np.logaddexp.reduce(log_likelihood + log_prior, axis=1) + 2 * np.log(
        line[1] - line[0]
    )
    result = exact_evidence(vae, x)
    np.testing.assert_allclose(result.log_evidence, expected, atol=1e-4)


def test_what_q_does_not_cover_counts_as_well(squares):
    """p(z|x) has two modes, at sqrt(x) and -sqrt(x); q(z|x) knows of one."""
    x = np.array([[0.5], [2.0], [6.0]], "float32")
    model = squares(z_mean=2.0)
    result = exact_evidence(model.vae, x)
    np.testing.assert_allclose(result.log_evidence, model.log_evidence(x), atol=1e-4)


def test_the_figures_do_not_depend_on_how_examples_are_grouped(linear, monkeypatch):
    model = linear([30.0, 10.0])
    x = model.draw(60)
    together = exact_evidence(model.vae, x)
    monkeypatch.setattr(exact, "ROWS", 7)
    in_parts = exact_evidence(model.vae, x)
    np.testing.assert_allclose(in_parts.log_evidence, together.log_evidence, atol=1e-5)
    alone = exact_evidence(model.vae, x[31:32])
    np.testing.assert_allclose(alone.log_evidence, together.log_evidence[31:32], atol=1e-4)


def test_a_lattice_that_is_too_coarse_is_not_called_exact(linear, monkeypatch):
    model = linear([40.0, 30.0])
    x = model.draw(200)
    monkeypatch.setattr(exact, "FINEST_LEVEL", 0)
    result = exact_evidence(model.vae, x)
    off = np.abs(result.log_evidence - model.exact.log_evidence(x))
    assert off.max() > 5 * EXACT_ERROR
    assert not result.is_exact[off > EXACT_ERROR].any()


@pytest.mark.slow
@pytest.mark.parametrize("axis", [[1.0, 1.0], [1.0, -1.0], [2.0, -1.0], [1.0, 3.0]])
def test_no_direction_of_a_narrow_posterior_hides_its_error(axis, monkeypatch):
    """Shifted along a diagonal, two lattices would agree on a ridge along it, and be wrong."""
    axis = np.array(axis) / np.linalg.norm(axis)
    decoder = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    decoder.set_weights([60.0 * axis[:, None], np.zeros(1)])
    inputs = keras.Input((1,))
    near_0 = keras.initializers.RandomNormal(stddev=0.01, seed=0)  # a lattice no larger than needed
    heads = [keras.layers.Dense(2, kernel_initializer=near_0)(inputs) for _ in range(2)]
    vae = VAE(keras.Model(inputs, heads), decoder, likelihood="gaussian")
    x = np.linspace(-60, 60, 41, dtype="float32")[:, None]
    expected = stats.norm(0, np.sqrt(60.0**2 + 1)).logpdf(x[:, 0])
    monkeypatch.setattr(exact, "FINEST_LEVEL", 0)
    result = exact_evidence(vae, x)
    off = np.abs(result.log_evidence - expected)
    assert off.max() > 5 * EXACT_ERROR
    assert not result.is_exact[off > 5 * EXACT_ERROR].any()


def test_mass_at_the_border_of_the_covered_space_is_an_error(squares):
    """sqrt(x) = 9 lies where no lattice looks: the encoder says 2. The three agree on the rest."""
    x = np.array([[81.0], [4.0]], "float32")
    assert list(exact_evidence(squares(z_mean=2.0, sigma=3.0).vae, x).is_exact) == [False, True]


def test_a_decoder_that_puts_out_nan_is_not_called_exact(small_vae, binary_x):
    vae = small_vae()
    weights = vae.decoder.get_weights()
    vae.decoder.set_weights([*weights[:-1], np.full_like(weights[-1], np.nan)])
    assert not exact_evidence(vae, binary_x[:3]).is_exact.any()


def test_four_latents_are_refused(linear):
    model = linear([1.0, 1.0, 1.0, 1.0])
    with pytest.raises(ValueError, match="has 4 latents: quadrature is for 1 to 3; use importance"):
        exact_evidence(model.vae, model.draw(2))


def test_posterior_means_out_of_reach_are_refused(linear):
    model = linear([2.0, 1.0])
    with pytest.raises(ValueError, match=r"posterior means reach \d+ from 0, too far"):
        exact_evidence(model.vae, model.draw(2) * 1e4)
