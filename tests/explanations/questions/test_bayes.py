import numpy as np
import pytest

from keras_vae.explanations.questions.bayes import answer


def test_both_sides_agree_at_every_place_and_without_p_x_they_are_off_by_it(material, grid):
    numbers = answer(material).numbers
    joint = np.array(numbers["log_joint"])
    np.testing.assert_allclose(numbers["log_posterior"], joint - grid.log_evidence, atol=0.02)
    assert numbers["largest_difference"] < 0.01
    off = joint - np.array(numbers["log_posterior"])
    assert off == pytest.approx(np.full(3, grid.log_evidence), abs=0.02)


def test_without_quadrature_no_posterior_is_claimed(of_five_latents):
    found = answer(of_five_latents)
    assert "log_posterior" not in found.numbers
    assert found.figure.axes
