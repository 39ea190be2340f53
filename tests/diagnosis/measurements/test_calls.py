"""A conditional model, and gaps in the data, are measured as the same model without them."""

import numpy as np
import pytest
from evidence.conftest import as_vae, draw
from evidence.test_masks_and_conditions import CONDITION, EXACT, SHIFT, conditional

import keras_vae as kv
from keras_vae.diagnosis import of_vae
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.errors import DoesNotApply

CONDITIONS = np.tile(CONDITION, (4, 1))
X = draw(EXACT, 120)
GIVEN = {"x": (X + CONDITIONS @ SHIFT).astype("float32"), "condition": CONDITIONS}


def measured(vae, x):
    return Measurements(of_vae(vae, x), examples=120)


@pytest.fixture(scope="module")
def both():
    """Measurements of (x|z, c; x - U c|z): the same model but for the condition."""
    return measured(conditional(), GIVEN), measured(as_vae(EXACT), X)


def test_the_terms_are_those_of_the_model_without_the_condition(both):
    mine, plain = both
    for name in ("elbo", "distortion", "rate"):
        expected = getattr(plain.train_terms, name)
        np.testing.assert_allclose(getattr(mine.train_terms, name), expected, atol=2e-4)


@pytest.mark.slow
def test_so_are_searched_posteriors_weights_and_noise(both):
    mine, plain = both
    assert mine.implied_beta.beta == pytest.approx(plain.implied_beta.beta, rel=1e-3)
    for name in ("elbo", "refined_elbo", "encoder_bound"):
        expected = getattr(plain.inference, name)
        np.testing.assert_allclose(getattr(mine.inference, name), expected, atol=5e-3)
    np.testing.assert_allclose(mine.searched_gain(1.0), plain.searched_gain(1.0), atol=5e-3)
    assert mine.shuffle_gap[0] == pytest.approx(plain.shuffle_gap[0], rel=1e-3)
    assert mine.variance_ratio[0] == pytest.approx(plain.variance_ratio[0], rel=1e-3)
    assert mine.encoder_directions == plain.encoder_directions
    known, theirs, *_ = mine.reported_bound
    assert known == 200
    assert np.isfinite(theirs).all()


def test_what_is_generated_has_the_conditions_of_the_data(both):
    mine, _ = both
    generated = mine.subject.generate(40)
    assert generated.shape == (40, 4)
    # E[x|c] = mean + U c
    for c in range(2):
        of_class = generated[c::2].mean(axis=0)
        error = generated[c::2].std(axis=0) / np.sqrt(20)
        assert (np.abs(of_class - EXACT.mean - SHIFT[c]) < 5 * error + 1e-3).all()


def test_a_mask_of_ones_changes_nothing_but_what_looks_at_values():
    masked = measured(as_vae(EXACT), {"x": X, "mask": np.ones_like(X)})
    plain = measured(as_vae(EXACT), X)
    np.testing.assert_allclose(masked.train_terms.elbo, plain.train_terms.elbo, rtol=1e-5)
    assert masked.baseline == pytest.approx(plain.baseline, rel=1e-5)
    np.testing.assert_allclose(masked.held_out_without_z, plain.held_out_without_z, rtol=1e-5)
    assert masked.implied_beta.beta == pytest.approx(plain.implied_beta.beta, rel=1e-4)
    np.testing.assert_allclose(masked.searched_gain(1.0), plain.searched_gain(1.0), atol=1e-3)
    for name in ("train", "all_train", "output_bias"):
        with pytest.raises(DoesNotApply, match="some entries are missing"):
            getattr(masked, name)


def test_the_figures_of_gaps_are_those_of_an_evaluation():
    mask = np.ones_like(X)
    mask[::2, :2] = 0
    given = {"x": np.where(mask, X, np.nan), "mask": mask}
    diagnosis, evaluation = kv.diagnose(as_vae(EXACT), given), kv.evaluate(as_vae(EXACT), given)
    error = 5 * evaluation.elbo_standard_error
    assert diagnosis.figures["elbo"] == pytest.approx(evaluation.elbo, abs=error)
    assert diagnosis.figures["rate"] == pytest.approx(evaluation.rate, rel=1e-5)
    assert diagnosis.figures["baseline"] == pytest.approx(evaluation.baseline, rel=1e-5)
    assert {"nonfinite_data", "sigma_too_large"} <= set(diagnosis.does_not_apply)
    assert {"kl_overweighted", "worse_than_without_z"} <= set(diagnosis.checked)
