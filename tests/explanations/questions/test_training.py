import numpy as np
import pytest

from keras_vae import evaluate
from keras_vae.explanations.questions.training import answer, told_of_held_out


def test_figures_are_those_of_evaluate_and_of_the_grid(material, healthy, dataset):
    numbers = answer(material).numbers
    elbo = evaluate(healthy, dataset, samples=200).elbo
    assert numbers["elbo"] == pytest.approx(elbo, abs=4 * numbers["elbo_standard_error"] / 2)
    evidence = material.identity.log_evidence
    assert numbers["log_evidence"] == pytest.approx(np.mean(evidence))
    gains = evidence - material.baseline[: len(evidence)]
    assert numbers["gain"] == pytest.approx(gains.mean())


def test_training_examples_are_compared_where_there_are_any(material, unlabelled):
    assert "training_elbo" in answer(material).numbers
    assert "training_elbo" not in answer(unlabelled).numbers


def test_overfitting_is_told_as_far_as_its_error_allows():
    assert len({told_of_held_out(lost, 1.0) for lost in (5.0, -5.0, 1.0)}) == 3
