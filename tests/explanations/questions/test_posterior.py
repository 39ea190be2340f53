import numpy as np
import pytest
from reference import normal_log_density

from keras_vae.explanations.questions.posterior import answer, fit_of_q


def test_posterior_approximation_and_gap_are_those_of_the_grid(material, healthy, grid):
    numbers = answer(material).numbers
    z_mean, z_log_var = healthy.encode(material.one)
    log_q = normal_log_density(z_mean[0], z_mean[0], z_log_var[0]).sum()
    assert numbers["log_q"] == pytest.approx(log_q, abs=2e-3)
    assert numbers["posterior_kl"] == pytest.approx(grid.gap, abs=0.01)
    joint = material.log_joint(np.array([numbers["z_mean"]]))[0]
    assert numbers["log_posterior"] == pytest.approx(joint - grid.log_evidence, abs=0.01)


def test_words_for_the_gap_change_with_it():
    assert len({fit_of_q(0.01, 0.001), fit_of_q(0.5, 0.01), fit_of_q(3.0, 0.01)}) == 3


def test_above_three_latents_the_posterior_is_bounded_and_so_is_the_text(of_five_latents):
    found = answer(of_five_latents)
    assert any("at most this large" in paragraph for paragraph in found.paragraphs)
    assert found.numbers["method"].endswith("a lower bound")
    assert found.figure.axes
