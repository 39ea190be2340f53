import numpy as np
import pytest

from keras_vae import evaluate
from keras_vae.evidence import exact_evidence, importance_weighted_bound
from keras_vae.studies.figures import evidence_of, first_of, ks_up_to, terms_of


def test_the_terms_have_the_means_that_evaluate_reports(compared):
    run = compared[2]
    dataset = run.load_data()
    terms, active = terms_of(run.vae, dataset, "test", samples=2, seed=3)
    expected = evaluate(run.vae, dataset, split="test", samples=2, seed=3)
    for name in ("elbo", "distortion", "rate", "gain"):
        assert terms[name].shape == (179,)
        assert terms[name].mean() == pytest.approx(getattr(expected, name))
    np.testing.assert_allclose(terms["elbo"], -terms["distortion"] - terms["rate"])
    assert active == expected.active_units


def test_log_p_is_exact_if_it_is_so_for_all_and_else_one_bound_of_all(compared):
    vaes = [run.vae for run in compared]
    x = first_of(compared[0].load_data(), "test", 12)
    exact = evidence_of(vaes[:2], [x, x], k=20, seed=0, progress=lambda what: None)
    assert exact.method == "exact, by quadrature"
    np.testing.assert_allclose(exact.values[1], exact_evidence(vaes[1], x).log_evidence)
    bound = evidence_of(vaes[1:], [x, x], k=20, seed=5, progress=lambda what: None)
    assert bound.method == "L_20, a lower bound"
    for values, vae in zip(bound.values, vaes[1:], strict=True):
        expected = importance_weighted_bound(vae, x, [2, 20], seed=5)
        np.testing.assert_allclose(values, expected.bounds[-1], rtol=1e-6)
    assert (bound.values[0] < exact.values[1] + 1).all()


def test_k_comes_with_a_tenth_of_it():
    assert (ks_up_to(1000), ks_up_to(7), ks_up_to(1)) == ([100, 1000], [1, 7], [1])
