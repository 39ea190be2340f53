import numpy as np
import pytest

from keras_vae.plots.checks import finite_array, finite_examples, not_negative, whole_number


def test_finite_array_gives_float64_with_the_same_values():
    array = finite_array("x", np.array([[0, 255]], np.uint8), ndim=2)
    assert array.dtype == np.float64
    assert array.tolist() == [[0, 255]]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_finite_array_counts_what_is_not_finite(bad):
    with pytest.raises(ValueError, match=r"x holds NaN or infinity: .* got 1 of 3"):
        finite_array("x", [1, bad, 2])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["a"], "x cannot be drawn: expected an array of numbers, got list"),
        ([[1], [1, 2]], "x cannot be drawn"),
        ([[1]], r"expected 1 axes, got 2 with shape \(1, 1\)"),
        ([], r"x is empty: .* got shape \(0,\)"),
    ],
)
def test_finite_array_says_what_came(values, message):
    with pytest.raises(ValueError, match=message):
        finite_array("x", values, ndim=1)


def test_finite_examples_checks_their_number():
    with pytest.raises(ValueError, match=r"x has the wrong length: expected 3 .* got 2"):
        finite_examples("x", np.zeros((2, 5)), count=3)
    with pytest.raises(ValueError, match="got one number"):
        finite_examples("x", 1.0)


def test_whole_number_takes_integers_of_any_kind_and_nothing_else():
    assert whole_number("side", np.int32(4), least=2) == 4
    for bad in (1, 4.0, "4", None):
        with pytest.raises(ValueError, match=r"side is out of range: .* at least 2, got"):
            whole_number("side", bad, least=2)


def test_not_negative_takes_zero_and_refuses_less():
    assert not_negative("errors", [0, 2], ndim=1).tolist() == [0, 2]
    with pytest.raises(ValueError, match=r"errors is out of range: .* at least 0, got -0.5"):
        not_negative("errors", [1, -0.5])
    with pytest.raises(ValueError, match="errors has the wrong shape"):
        not_negative("errors", [1], ndim=0)
