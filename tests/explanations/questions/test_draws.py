import numpy as np
import pytest

from keras_vae.explanations.questions.draws import answer, estimates


def test_estimates_close_in_on_the_sum_over_a_grid(material, grid):
    numbers = answer(material).numbers
    assert numbers["exact"] == pytest.approx(grid.expected_log_likelihood, abs=0.01)
    for estimate, error in zip(numbers["estimate"], numbers["standard_error"], strict=True):
        assert abs(estimate - grid.expected_log_likelihood) < 4 * error + 0.01
    np.testing.assert_allclose(
        numbers["standard_error"], numbers["standard_error"][0] / np.sqrt(numbers["draws"])
    )


def test_estimates_are_means_of_the_first_draws():
    values = np.random.default_rng(0).normal(size=1000)
    found = estimates(values)
    assert [n for n, _, _ in found] == [1, 10, 100, 1000]
    assert found[1][1] == pytest.approx(values[:10].mean())


def test_above_three_latents_there_is_no_exact_value(of_five_latents):
    assert answer(of_five_latents).numbers["exact"] is None
