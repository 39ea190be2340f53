import json

import keras
import numpy as np
import pytest
from extensions import conditional, full_covariance
from made_families import SMALL, posterior_of

from keras_vae import VAE
from keras_vae.data import binarize, from_arrays
from keras_vae.distributions import PRIORS, Posterior
from keras_vae.evaluation import evidence_report, report
from keras_vae.evidence import (
    SampledSurgery,
    annealed_evidence,
    evidence_identity,
    importance_gap,
    importance_weighted_bound,
    inference_gaps,
    sampled_surgery,
)
from keras_vae.figure_tables import evidence_tables
from keras_vae.measures import ElboSurgery, active_units, elbo_surgery, standard_error


@pytest.fixture(scope="module")
def dataset(digits_run):
    return digits_run.load_data()


@pytest.fixture(scope="module")
def digits_report(digits_run, dataset):
    return evidence_report(digits_run.vae, dataset, "dynamic", "test", 30, (1, 10, 100), seed=2)


def test_it_holds_what_each_part_finds_by_itself(digits_run, dataset, digits_report):
    everything = binarize(dataset.test.x, "dynamic", "test")
    x = everything[:30]
    np.testing.assert_array_equal(digits_report.x, x)
    identity = evidence_identity(digits_run.vae, x)
    np.testing.assert_array_equal(digits_report.identity.log_evidence, identity.log_evidence)
    bound = importance_weighted_bound(digits_run.vae, x, (1, 10, 100), seed=2)
    np.testing.assert_array_equal(digits_report.bound.bounds, bound.bounds)
    codes = digits_run.vae.encode(everything)
    assert digits_report.surgery.mutual_information == pytest.approx(
        elbo_surgery(*codes, seed=2).mutual_information
    )
    np.testing.assert_array_equal(digits_report.is_active, active_units(codes[0]))
    assert "digits, test split, first 30 of 179 examples (surgery: all)" in digits_report.protocol
    assert "drawn once from a fixed seed (2); seed 2; beta 1" in digits_report.protocol


def test_its_figures_are_means_with_their_errors(digits_run, digits_report):
    figures = digits_report.to_dict()
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures
    identity, terms = figures["identity"], digits_report.identity
    for name in ("log_evidence", "elbo", "posterior_kl"):
        assert identity[name] == pytest.approx(getattr(terms, name).mean())
        error = identity[f"{name}_standard_error"]
        assert error == pytest.approx(standard_error(getattr(terms, name)))
    assert identity["largest_residual"] == pytest.approx(terms.residual.max())
    assert identity["largest_residual"] <= 0.01
    assert identity["log_evidence"] == pytest.approx(
        identity["elbo"] + identity["posterior_kl"], abs=0.01
    )
    bound = figures["importance_weighted"]
    assert bound["k"] == [1, 10, 100]
    missing = terms.log_evidence - digits_report.bound.bounds
    np.testing.assert_allclose(bound["below_log_evidence"], missing.mean(axis=1))
    np.testing.assert_allclose(
        bound["below_log_evidence_standard_error"], [standard_error(row) for row in missing]
    )
    gap = digits_report.simulated_gap
    np.testing.assert_array_equal(gap, importance_gap(digits_run.vae, 200, 100, seed=2))
    assert bound["simulated_gap"] == pytest.approx(gap.mean())
    surgery = figures["surgery"]
    assert surgery["rate"] == pytest.approx(sum(surgery["latent_rates"]))
    assert surgery["rate"] == pytest.approx(surgery["mutual_information"] + surgery["marginal_kl"])
    assert surgery["ceiling"] == pytest.approx(np.log(179))
    assert "annealed" not in figures
    assert "gaps" not in figures


@pytest.mark.slow
def test_what_takes_long_is_done_for_the_first_examples(digits_run, dataset, monkeypatch):
    for name, value in (("SLOW_EXAMPLES", 6), ("CHAINS", 4), ("STEPS", 20)):
        monkeypatch.setattr(report, name, value)
    monkeypatch.setattr(report, "SIMULATED_EXAMPLES", 5)
    steps = []
    result = evidence_report(
        digits_run.vae, dataset, "dynamic", "test", 10, (1, 10), True, True, 1, steps.append
    )
    first = result.x[:6]
    annealed = annealed_evidence(digits_run.vae, first, 4, 20, seed=1)
    np.testing.assert_array_equal(result.annealed.log_evidence, annealed.log_evidence)
    gaps = inference_gaps(digits_run.vae, first, result.identity.log_evidence[:6], seed=1)
    np.testing.assert_array_equal(result.gaps.amortization_gap, gaps.amortization_gap)
    figures = result.to_dict()
    assert figures["annealed"]["examples"] == figures["gaps"]["examples"] == 6
    difference = annealed.log_evidence - result.identity.log_evidence[:6]
    assert figures["annealed"]["above_log_evidence"] == pytest.approx(difference.mean())
    assert figures["annealed"]["bidirectional_gap"] == result.certificate.gap
    error = np.sqrt(np.sum(annealed.standard_error**2)) / 6
    assert figures["annealed"]["estimation_error"] == pytest.approx(error)
    for name in ("approximation_gap", "amortization_gap", "optimized_elbo"):
        assert figures["gaps"][name] == pytest.approx(getattr(gaps, name).mean())
    assert any("annealed" in step for step in steps)
    assert any("best q(z|x)" in step for step in steps)
    json.dumps(figures, allow_nan=False)


def test_annealing_is_told_without_its_certificate_where_that_does_not_apply(monkeypatch):
    for name, value in (("SLOW_EXAMPLES", 2), ("CHAINS", 2), ("STEPS", 2)):
        monkeypatch.setattr(report, name, value)
    monkeypatch.setattr(full_covariance.FullNormal, "inverse", Posterior.inverse)
    x = np.random.default_rng(0).normal(0, 1, (40, 3)).astype("float32")
    vae = full_covariance.make(x)
    result = evidence_report(vae, from_arrays(x), examples=3, ks=(1, 2), annealed=True)
    figures = result.to_dict()
    assert len(result.annealed.log_evidence) == figures["annealed"]["examples"] == 2
    assert result.certificate is None
    assert "bidirectional_gap" not in figures["annealed"]
    assert figures["does_not_apply"].keys() == {"certificate"}
    rows = [row[0] for row in evidence_tables(figures)[0].rows if row]
    assert "log p(x) by AIS" in rows
    assert "  bidirectional gap" not in rows


def test_above_three_latents_the_bound_with_the_largest_k_is_used(linear):
    model = linear([1.0, 0.5, 1.0, 0.8])
    dataset = from_arrays(model.draw(200))
    result = evidence_report(model.vae, dataset, "none", "test", 15, (1, 200))
    assert result.identity.method == "L_200, a lower bound"
    np.testing.assert_array_equal(result.identity.log_evidence, result.bound.bounds[-1])
    assert result.to_dict()["importance_weighted"]["below_log_evidence"][-1] == 0


def test_examples_that_a_conditional_model_simulates_have_the_conditions_of_the_split():
    x = np.random.default_rng(0).normal(1, 1, (60, 3)).astype("float32")
    vae, data = conditional.make(x), from_arrays(conditional.given(x))
    found = evidence_report(vae, data, examples=4, ks=(1, 5), seed=2)
    conditions = data.test.condition[:4]
    expected = importance_gap(vae, report.SIMULATED_FOR_BOUND, 5, 2, conditions=conditions)
    np.testing.assert_array_equal(found.simulated_gap, expected)
    assert found.protocol.startswith(f"{data.name}, test split, first 4 of 6 examples")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("posterior", "prior", "has_surgery"),
    [("diagonal", "vamp", True), ("full", "mixture", True), ("iaf", "flow", False)],
)
def test_every_part_that_a_model_allows_is_there(posterior, prior, has_surgery, monkeypatch):
    monkeypatch.setattr(report, "SLOW_EXAMPLES", 5)
    family, _ = posterior_of(posterior, 2)
    inputs, z = keras.Input((3,)), keras.Input((2,))
    heads = [keras.layers.Dense(size)(inputs) for size in family.heads(2).values()]
    vae = VAE(
        keras.Model(inputs, heads), keras.Model(z, keras.layers.Dense(3)(z)), "gaussian",
        PRIORS[prior](**SMALL[prior]), posterior=family, seed=0,
    )  # fmt: skip
    data = from_arrays(np.random.default_rng(0).random((80, 3)).astype("float32"))
    found = evidence_report(vae, data, split="train", examples=6, ks=(1, 5), gaps=True)
    figures = found.to_dict()
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures
    assert not isinstance(found.surgery, ElboSurgery)
    assert set(found.does_not_apply) == (set() if has_surgery else {"surgery"})
    assert ("surgery" in figures) == isinstance(found.surgery, SampledSurgery) == has_surgery
    if has_surgery:
        expected = sampled_surgery(vae, data.train.x)
        surgery = figures["surgery"]
        assert surgery["mutual_information"] == pytest.approx(expected.mutual_information)
        assert surgery["rate_standard_error"] == expected.rate_standard_error > 0
        assert surgery["prior_mean"] == expected.prior_mean.tolist()
        assert surgery["examples"] == len(data.train.x)
        assert "latent_rates" not in surgery
    assert figures["gaps"]["family"] == found.gaps.family == type(family).__name__
    assert figures["gaps"]["examples"] == 5
    assert evidence_tables(figures)
