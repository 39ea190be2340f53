import numpy as np
import pytest

from keras_vae.explanations.questions.derivation import answer


def test_the_two_kls_and_the_sum_are_those_of_the_grid(material, grid):
    numbers = answer(material).numbers
    assert numbers["kl_to_prior"] == pytest.approx(grid.rate, abs=0.01)
    assert numbers["kl_to_posterior"] == pytest.approx(grid.gap, abs=0.01)
    assert numbers["expected_log_likelihood"] == pytest.approx(
        grid.expected_log_likelihood, abs=0.01
    )
    assert numbers["sum_of_log_evidence"] == pytest.approx(np.sum(material.identity.log_evidence))
    assert numbers["residual"] < 0.02


def test_above_three_latents_the_line_is_not_called_a_check(of_five_latents, material):
    words = "by definition"
    assert any(words in paragraph for paragraph in answer(of_five_latents).paragraphs)
    assert not any(words in paragraph for paragraph in answer(material).paragraphs)
