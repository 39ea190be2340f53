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
    generated = mine.subject.generate(2000)
    assert generated.shape == (2000, 4)
    # E[x|c] = mean + U c, and the means of p(x|z, c) vary by W W^T
    error = np.sqrt(np.diag(EXACT.weights @ EXACT.weights.T) / 1000)
    for c in range(2):
        of_class = generated[c::2].mean(axis=0)
        assert (np.abs(of_class - EXACT.mean - SHIFT[c]) < 5 * error + 1e-3).all()


def test_a_mask_of_ones_changes_nothing():
    masked = measured(as_vae(EXACT), {"x": X, "mask": np.ones_like(X)})
    plain = measured(as_vae(EXACT), X)
    np.testing.assert_allclose(masked.train_terms.elbo, plain.train_terms.elbo, rtol=1e-5)
    assert masked.baseline == pytest.approx(plain.baseline, rel=1e-5)
    np.testing.assert_allclose(masked.held_out_without_z, plain.held_out_without_z, rtol=1e-5)
    assert masked.implied_beta.beta == pytest.approx(plain.implied_beta.beta, rel=1e-4)
    np.testing.assert_allclose(masked.searched_gain(1.0), plain.searched_gain(1.0), atol=1e-3)
    np.testing.assert_array_equal(masked.train, plain.train)
    assert masked.output_bias == pytest.approx(plain.output_bias, rel=1e-6)
    assert masked.collapse_threshold == plain.collapse_threshold
    gaps = measured(as_vae(EXACT), gap(X))
    for name in ("train", "collapse_threshold"):
        with pytest.raises(DoesNotApply, match="some entries are missing"):
            getattr(gaps, name)


def test_the_figures_of_gaps_are_those_of_an_evaluation(short_probes):
    mask = np.ones_like(X)
    mask[::2, :2] = 0
    given = {"x": np.where(mask, X, np.nan), "mask": mask}
    diagnosis, evaluation = kv.diagnose(as_vae(EXACT), given), kv.evaluate(as_vae(EXACT), given)
    error = 5 * evaluation.elbo_standard_error
    assert diagnosis.figures["elbo"] == pytest.approx(evaluation.elbo, abs=error)
    assert diagnosis.figures["rate"] == pytest.approx(evaluation.rate, rel=1e-5)
    assert diagnosis.figures["baseline"] == pytest.approx(evaluation.baseline, rel=1e-5)
    assert set(diagnosis.does_not_apply) <= {"more_latents_would_pay"}
    assert {"nonfinite_data", "sigma_too_large", "kl_overweighted"} <= set(diagnosis.checked)


def gap(x):
    """x with one entry missing."""
    mask = np.ones_like(x)
    mask[0, 0] = 0
    return {"x": x, "mask": mask}


def test_one_gap_hides_neither_a_collapse_nor_a_wrong_sigma():
    x, vae = X, as_vae(EXACT)
    # the prior for every x, and a sigma of ten times the errors
    heads = vae.encoder.get_weights()
    vae.encoder.set_weights([0 * weight for weight in heads])
    vae.likelihood.set_sigma(20.0)
    for given in (x, gap(x), {"x": x, "mask": np.ones_like(x)}):
        diagnosis = kv.diagnose(vae, given, cheap=True)
        names = {found.name for found in diagnosis.findings if found.severity == "error"}
        assert "collapsed" in names
        assert diagnosis.verdict == "error"
        measurements = measured(vae, given)
        # mean of (x - m)^2 / sigma^2
        errors = (x - np.asarray(vae.decode(measurements.train_terms.z))) ** 2 / 400
        assert measurements.variance_ratio[0] == pytest.approx(errors.mean(), rel=0.02)


def test_values_outside_of_the_gaps_are_looked_at(small_vae, binary_x):
    gray = 0.5 * binary_x
    for given in (gray, gap(gray)):
        names = {found.name for found in kv.diagnose(small_vae(), given, cheap=True).findings}
        assert "gray_data_under_bernoulli" in names


def test_splits_with_other_gaps_are_not_compared(short_probes):
    x, test, vae = X, draw(EXACT, 60, seed=1), as_vae(EXACT)
    half = {"x": x, "mask": np.tile([[1.0, 0.0, 1.0, 0.0]], (120, 1))}
    compared = {"overfitting", "encoder_overfitting"}
    assert not compared & set(kv.diagnose(vae, x, test_data=test).does_not_apply)
    diagnosis = kv.diagnose(vae, half, test_data=test)
    assert compared <= set(diagnosis.does_not_apply)
    assert "50% and 100%" in diagnosis.does_not_apply["overfitting"]


def test_a_conditional_model_with_a_wrong_sigma_is_searched_with_its_conditions():
    vae = conditional()
    vae.likelihood.set_sigma(0.3)
    mine = measured(vae, GIVEN)
    plain = as_vae(EXACT)
    plain.likelihood.set_sigma(0.3)
    expected = measured(plain, X)
    for name in ("variance_ratio", "searched_variance_ratio"):
        assert getattr(mine, name)[0] == pytest.approx(getattr(expected, name)[0], rel=1e-3)
    with pytest.raises(DoesNotApply, match="without their conditions"):
        _ = mine.collapse_threshold


def test_the_protocol_says_what_the_figures_depend_on(digits_run):
    data = digits_run.load_data().as_binarized("threshold")
    diagnosis = kv.diagnose(digits_run.vae, data, cheap=True)
    assert data.protocol("test") in diagnosis.protocol
    assert "threshold" in diagnosis.protocol
    assert (
        "of the observed entries alone" in kv.diagnose(as_vae(EXACT), gap(X), cheap=True).protocol
    )
