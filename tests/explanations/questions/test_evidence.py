import numpy as np
import pytest
from extensions import conditional
from reference import bernoulli_log_prob

from keras_vae.data import from_arrays
from keras_vae.explanations.material import Material
from keras_vae.explanations.questions.evidence import answer


def test_the_evidence_is_the_sum_over_a_grid_and_the_gain_is_paired(material, dataset, grid):
    numbers = answer(material).numbers
    assert numbers["log_evidence"] == pytest.approx(grid.log_evidence, abs=0.01)
    mean = dataset.train.x.mean(axis=0, dtype="float64")
    without = bernoulli_log_prob(material.few, np.log(mean / (1 - mean))).sum(axis=1)
    gains = material.identity.log_evidence - without
    assert numbers["gain"] == pytest.approx(gains.mean(), abs=0.01)
    error = gains.std(ddof=1) / len(gains) ** 0.5
    assert numbers["gain_standard_error"] == pytest.approx(error, abs=0.01)


def test_z_of_a_model_that_ignores_it_is_worth_nothing(of_collapsed):
    numbers = answer(of_collapsed).numbers
    # every pixel has probability 1/2, whatever z is
    assert numbers["log_evidence"] == pytest.approx(8 * np.log(0.5), abs=0.01)
    assert numbers["gain"] < 2 * numbers["gain_standard_error"]
    assert not any("z is worth 0" in paragraph for paragraph in answer(of_collapsed).paragraphs)


def test_what_a_conditional_model_gains_is_owed_to_the_condition_too(material):
    vae = conditional.make(x := np.random.default_rng(0).normal(1, 1, (40, 3)).astype("float32"))
    data = from_arrays(conditional.given(x))
    of_told = Material(vae, data, 1.0)
    assert any(
        "z and the condition are worth" in each or "without z and the condition" in each
        for each in answer(of_told).paragraphs
    )
    assert not any("the condition" in each for each in answer(material).paragraphs)
