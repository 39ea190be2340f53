import numpy as np
import pytest

from keras_vae.explanations.decisions import change, holds_no_information, is_falling, side


@pytest.mark.parametrize(
    ("value", "error", "expected"),
    [
        (1.0, 0.4, "above"),
        (-1.0, 0.4, "below"),
        (1.0, 0.6, "open"),
        (0.0, 0.0, "open"),
        (1.0, 0.0, "above"),
        (np.nan, 0.1, "open"),
        (1.0, np.inf, "open"),
    ],
)
def test_a_side_is_told_only_beyond_two_standard_errors(value, error, expected):
    assert side(value, error) == expected
    assert side(value + 3, error, of=3.0) == expected


def test_a_change_is_paired():
    rng = np.random.default_rng(0)
    first = 100 * rng.normal(size=50)
    last = first + 1 + 0.1 * rng.normal(size=50)
    mean, error = change(first, last)
    assert mean == pytest.approx((last - first).mean())
    assert error == pytest.approx((last - first).std(ddof=1) / 50**0.5)
    assert error < 0.05  # the spread of the examples themselves is 100


def test_a_rise_within_its_error_is_no_rise():
    rng = np.random.default_rng(1)
    start = rng.normal(size=100)
    noise = start - 1 + 0.01 * rng.normal(size=100)
    assert is_falling([start, noise, noise + rng.normal(size=100) * 0.01])
    assert not is_falling([start, noise, noise + 0.5])


def test_half_a_nat_is_where_information_begins():
    assert holds_no_information(0.49)
    assert not holds_no_information(0.51)
