"""Every prior with every family of q(z|x), small, through what the package does with a model."""

import itertools
import json

import keras
import made_trainings
import numpy as np
import pytest
from made_families import SMALL

import keras_vae as kv
from keras_vae import VAE
from keras_vae.distributions import POSTERIORS, PRIORS
from keras_vae.evidence import evidence_identity
from keras_vae.export import check_version, export_version
from keras_vae.networks import mlp_decoder, mlp_encoder
from keras_vae.objectives import BetaTC, Elbo, Iwae
from keras_vae.precision import in_float32, layers_in, training_epsilon

PAIRS = [
    pair for pair in itertools.product(PRIORS, POSTERIORS) if pair != ("vamp", "iaf")
]  # which is refused
OBJECTIVES = {
    ("standard", "diagonal"): BetaTC(120),
    ("standard", "full"): Elbo(gradient="stl"),
    ("vamp", "full"): Iwae(4),
    ("flow", "iaf"): Iwae(4),
    ("mixture", "full"): Iwae(4, "dreg"),
    ("flow", "diagonal"): Elbo(gradient="stl", samples=2),
}
EXPORTED = [("vamp", "full"), ("flow", "iaf"), ("mixture", "diagonal")]


@pytest.fixture(scope="module")
def x():
    """Two clusters in four dimensions, with noise."""
    rng = np.random.default_rng(0)
    side = rng.integers(0, 2, (120, 1))
    return (2.0 * side + rng.standard_normal((120, 4)) * [0.3, 0.5, 0.7, 1.0]).astype("float32")


def made(pair, x):
    """An untrained VAE of a prior and a family."""
    keras.utils.set_random_seed(0)
    prior, posterior = pair
    of_prior = {"low": x.min(axis=0), "high": x.max(axis=0)} if prior == "vamp" else {}
    family = POSTERIORS[posterior](**SMALL[posterior])
    vae = VAE(
        mlp_encoder((4,), 2, (16,), heads=family.heads(2)),
        mlp_decoder((4,), 2, (16,)),
        "gaussian",
        prior=PRIORS[prior](**SMALL[prior], **of_prior),
        posterior=family,
        objective=OBJECTIVES.get(pair, Elbo()),
        seed=0,
    )
    if prior == "vamp":
        vae.prior.start_at(x)
    return vae


@pytest.fixture(scope="module", params=PAIRS, ids="-".join)
def trained(request, x):
    """((prior, posterior), a trained VAE)."""
    vae = made(request.param, x)
    before = kv.evaluate(vae, x).elbo
    started = [np.asarray(weight) for weight in vae.trainable_variables]
    vae.compile(keras.optimizers.Adam(1e-2), jit_compile=False)
    made_trainings.train(vae, x, epochs=15, batch_size=40)
    assert kv.evaluate(vae, x).elbo > before + 1
    after = [np.asarray(weight) for weight in vae.trainable_variables]
    moved = [np.abs(now - then).max() for now, then in zip(after, started, strict=True)]
    assert min(moved) > 0  # nothing is left out of training
    return request.param, vae


def test_log_p_is_elbo_plus_kl_by_quadrature(trained, x):
    _, vae = trained
    identity = evidence_identity(vae, x[:10])
    assert identity.is_exact
    assert identity.residual.max() < 0.02
    assert (identity.posterior_kl > -1e-3).all()


def test_the_bound_rises_to_the_exact_evidence(trained, x):
    _, vae = trained
    exact = kv.evidence.exact_evidence(vae, x[:10])
    bound, error = vae.log_likelihood(x[:10], samples=2000)
    assert (np.abs(bound - exact.log_evidence) < 5 * error + 0.03).all()


def test_the_rate_is_estimated_where_it_is_not_known(trained, x):
    (prior, posterior), vae = trained
    assert vae.has_exact_rate == (prior == "standard" and posterior != "iaf")
    evaluation = kv.evaluate(vae, x, samples=20)
    assert ("estimated" in evaluation.protocol) == (not vae.has_exact_rate)
    terms = np.mean([vae.terms(x, seed=seed).elbo for seed in range(20)])
    assert evaluation.elbo == pytest.approx(terms, abs=4 * evaluation.elbo_standard_error)


def test_it_is_saved_and_loaded(trained, x, tmp_path):
    _, vae = trained
    vae.save(tmp_path / "vae.keras")
    loaded = keras.saving.load_model(tmp_path / "vae.keras")
    np.testing.assert_array_equal(loaded.encode(x), vae.encode(x))
    np.testing.assert_array_equal(loaded.terms(x, seed=1).elbo, vae.terms(x, seed=1).elbo)
    np.testing.assert_array_equal(loaded.sample(5, seed=2), vae.sample(5, seed=2))


@pytest.mark.slow
def test_it_is_diagnosed_and_rules_that_do_not_apply_are_named(trained, x, short_probes):
    (prior, posterior), vae = trained
    diagnosis = kv.diagnose(vae, x)
    assert not set(diagnosis.does_not_apply) & set(diagnosis.checked)
    is_plain = (prior, posterior) == ("standard", "diagonal") and vae.objective.kind == "elbo"
    assert bool(diagnosis.does_not_apply) != is_plain
    # what a short training and a short table bring, and no error that a family makes
    errors = {f.name for f in diagnosis.findings if f.severity == "error"}
    assert errors <= {"sigma_too_large", "collapsed"}
    told = "objective_is_importance_weighted" in {f.name for f in diagnosis.findings}
    assert not told or vae.objective.kind == "iwae"
    evaluation = kv.evaluate(vae, x)
    elbo = pytest.approx(evaluation.elbo, abs=5 * evaluation.elbo_standard_error)
    assert diagnosis.figures["elbo"] == elbo
    json.dumps(diagnosis.to_dict())


@pytest.mark.slow
@pytest.mark.parametrize("pair", [("vamp", "diagonal"), ("standard", "full")])
def test_a_collapse_is_named_whatever_the_family(pair, x):
    vae = made(pair, x)
    vae.beta = 30.0
    vae.compile(keras.optimizers.Adam(1e-2), jit_compile=False)
    made_trainings.train(vae, x, epochs=60, batch_size=40)
    assert np.mean(kv.evaluate(vae, x).rate) < 0.5
    diagnosis = kv.diagnose(vae, x, beta=30.0)
    (found,) = [f for f in diagnosis.findings if f.name == "collapsed"]
    assert found.severity == "error"
    assert "--beta 1" in found.remedy


@pytest.mark.slow
def test_an_export_answers_as_the_model_does(trained, tmp_path):
    pair, vae = trained
    if pair not in EXPORTED:
        pytest.skip("three of them are exported")
    path, metadata = export_version(vae, tmp_path, samples=8)
    assert check_version(path)["faults"] == []
    assert "estimated" in metadata["signatures"]["score"]["outputs"]["rate"]["meaning"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pair", "precision"),
    [
        (("vamp", "diagonal"), "mixed_bfloat16"),
        (("mixture", "full"), "mixed_bfloat16"),
        (("flow", "iaf"), "mixed_bfloat16"),
        (("flow", "iaf"), "mixed_float16"),
    ],
)
def test_densities_keep_their_digits_in_mixed_precision(pair, precision, x):
    with layers_in(precision):
        vae = made(pair, x)
        vae.compile(keras.optimizers.Adam(1e-2), jit_compile=False)
    vae.fit(x, batch_size=40, epochs=3, verbose=0)
    half = precision.removeprefix("mixed_")
    assert half in {layer.compute_dtype for layer in vae.encoder.layers}
    assert {weight.dtype for weight in vae.trainable_variables} == {"float32"}
    terms = vae.terms(x, seed=1)
    for name in ("z", "distortion", "rate", "log_prior", "log_posterior"):
        assert getattr(terms, name).dtype == "float32", name
    # log p(z) and log q(z|x) of float32 layers with the same weights, at the same z and parameters
    whole, z, q = in_float32(vae), terms.z[0], vae.posterior_parameters(x)
    log_q = [each.posterior_family.distribution(q).log_prob(z) for each in (vae, whole)]
    np.testing.assert_allclose(*log_q, atol=1e-4)
    log_p = [each.prior.distribution(2).log_prob(z) for each in (vae, whole)]
    # the pseudo-inputs of a VampPrior go through the encoder
    step = 20 * training_epsilon(vae) if pair[0] == "vamp" else 1e-4
    np.testing.assert_allclose(*log_p, atol=step)
    elbos = [np.mean(each.terms(x, seed=1).elbo) for each in (vae, whole)]
    assert elbos[0] == pytest.approx(elbos[1], abs=0.15)
