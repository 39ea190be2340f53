"""Parts of one's own, each in a file outside of the package, through everything that the package
does with a model."""

import importlib
import json
from pathlib import Path

import keras
import made_trainings
import numpy as np
import pytest

import keras_vae as kv
from keras_vae.data import take
from keras_vae.evidence import SampledSurgery, evidence_identity
from keras_vae.export import check_version, export_version
from keras_vae.measures import ElboSurgery

FOLDER = Path(__file__).parent / "extensions"
MOST_LINES = 80
NAMES = sorted(path.stem for path in FOLDER.glob("*.py"))
# To these the rules of the diagnosis apply.
DIAGNOSIS_APPLIES = {"conditional", "heteroscedastic", "importance_weighted"}
LEFT_OUT = {
    # what one more latent would gain is known of one sigma alone
    "heteroscedastic": {"more_latents_would_pay"},
    # what is true of the ELBO alone
    "importance_weighted": {
        "encoder_too_narrow", "amortization_gap", "approximation_gap", "sigma_too_small",
        "lagging_encoder",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def values():
    """Two clusters in four dimensions, with noise."""
    rng = np.random.default_rng(0)
    side = rng.integers(0, 2, (300, 1))
    return (2.0 * side + rng.standard_normal((300, 4)) * [0.3, 0.5, 0.7, 1.0]).astype("float32")


@pytest.fixture(scope="module", params=NAMES)
def trained(request, values):
    """(name, a trained VAE with that part, the x that it is given)."""
    keras.utils.set_random_seed(0)
    extension = importlib.import_module(f"extensions.{request.param}")
    vae = extension.make(values)
    x = extension.given(values) if hasattr(extension, "given") else values
    before = kv.evaluate(vae, x).elbo
    vae.compile(keras.optimizers.Adam(1e-2), jit_compile=False)
    made_trainings.train(vae, x, epochs=15, batch_size=50)
    assert kv.evaluate(vae, x).elbo > before + 1
    return request.param, vae, x


@pytest.mark.parametrize("name", NAMES)
def test_a_part_takes_one_short_file(name):
    assert len((FOLDER / f"{name}.py").read_text().splitlines()) <= MOST_LINES


def test_it_is_saved_and_loaded(trained, tmp_path):
    _, vae, x = trained
    vae.save(tmp_path / "vae.keras")
    loaded = keras.saving.load_model(tmp_path / "vae.keras")
    for part in ("likelihood", "prior", "posterior_family", "objective"):
        assert type(getattr(loaded, part)) is type(getattr(vae, part))
    np.testing.assert_array_equal(loaded.encode(x), vae.encode(x))
    np.testing.assert_array_equal(loaded.terms(x, seed=1).elbo, vae.terms(x, seed=1).elbo)


def test_log_p_is_elbo_plus_kl_by_quadrature(trained):
    _, vae, x = trained
    identity = evidence_identity(vae, take(x, slice(20)))
    assert identity.is_exact
    assert identity.residual.max() < 0.02
    assert (identity.posterior_kl > 0).all()
    terms = np.reshape(vae.terms(take(x, np.tile(np.arange(20), 300)), seed=0).elbo, (300, 20))
    error = np.std(terms, axis=0, ddof=1) / np.sqrt(len(terms))
    assert (np.abs(np.mean(terms, axis=0) - identity.elbo) < 5 * error + 0.02).all()


def test_what_does_not_apply_says_so_and_the_rest_is_there(trained, tmp_path):
    name, vae, x = trained
    report = kv.evaluation.evidence_report(vae, x, examples=20, ks=(1, 10), gaps=True)
    left_out = {"full_covariance": {"gaps"}}  # a search goes through the families of the package
    assert set(report.does_not_apply) == left_out.get(name, set())
    assert all("does not apply" in reason for reason in report.does_not_apply.values())
    by_draws = isinstance(report.surgery, SampledSurgery)
    assert by_draws == (name in {"laplace_prior", "full_covariance"})
    assert isinstance(report.surgery, ElboSurgery) != by_draws
    assert "surgery" in report.to_dict()
    rate = "estimated" in kv.evaluate(vae, x).protocol
    assert rate == (not vae.has_exact_rate) == (name == "laplace_prior")
    paths = [*kv.draw(vae, x, tmp_path), *kv.draw_evidence(vae, report, tmp_path)]
    assert {"samples.png", "exact_posterior.png"} <= {path.name for path in paths}
    assert all(path.stat().st_size > 5000 for path in paths)


def test_it_is_diagnosed_and_rules_that_do_not_apply_are_named(trained, short_probes):
    name, vae, x = trained
    diagnosis = kv.diagnose(vae, x)
    left_out, asked = set(diagnosis.does_not_apply), set(diagnosis.checked)
    assert not left_out & asked
    assert {"nonfinite_data", "nonfinite_loss", "worse_than_without_z"} <= asked
    if name in DIAGNOSIS_APPLIES:
        assert left_out == LEFT_OUT.get(name, set())
    else:
        assert {"kl_overweighted", "amortization_gap", "noise_scale_wrong"} <= left_out
        assert diagnosis.figures["implied_beta"] is None
    elbo = kv.evaluate(vae, x)
    assert diagnosis.figures["elbo"] == pytest.approx(elbo.elbo, abs=5 * elbo.elbo_standard_error)
    json.dumps(diagnosis.to_dict())


def test_an_export_answers_as_the_model_does(trained, tmp_path):
    _, vae, _ = trained
    path, metadata = export_version(vae, tmp_path, samples=8)
    assert check_version(path)["faults"] == []
    rate = metadata["signatures"]["score"]["outputs"]["rate"]
    assert ("estimated" in rate["meaning"]) == (not vae.has_exact_rate)
