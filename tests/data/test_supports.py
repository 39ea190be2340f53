import numpy as np
import pytest

from keras_vae.data.supports import COUNTS, refuse_outside
from keras_vae.errors import DataError

RNG = np.random.default_rng(0)
WHOLE = RNG.poisson(3, (50, 4)).astype("float32")
LEVELS = (RNG.integers(0, 256, (50, 4)) / 255).astype("float32")
ABOVE = np.exp(RNG.standard_normal((50, 4))).astype("float32")


def with_one(x, value):
    x = x.copy()
    x[7, 2] = value
    return x


@pytest.mark.parametrize(
    ("likelihood", "x", "wrong", "levels"),
    [
        *((name, WHOLE, wrong, None) for name in COUNTS for wrong in (-1, 2.5)),
        ("log_normal", ABOVE, 0, None),
        ("log_normal", ABOVE, -3, None),
        ("discretized_logistic", LEVELS, 0.5, None),
        ("discretized_logistic", LEVELS, 300, None),
        ("discretized_logistic", np.round(LEVELS * 16) / 16, 1 / 255, 17),
        ("bernoulli", LEVELS, 1.01, None),
        ("continuous_bernoulli", LEVELS, -0.01, None),
    ],
)
def test_one_value_outside_is_refused_in_one_line_unless_it_is_missing(
    likelihood, x, wrong, levels
):
    refuse_outside(x, likelihood, levels)
    bad = with_one(x, wrong)
    with pytest.raises(DataError) as caught:
        refuse_outside(bad, likelihood, levels)
    message = str(caught.value)
    assert "\n" not in message
    assert likelihood in message
    assert f"{wrong:g}" in message
    refuse_outside(bad, likelihood, levels, with_one(np.ones_like(x), 0))


def test_the_number_of_levels_is_that_of_the_data():
    refuse_outside((RNG.integers(0, 65536, (50, 4)) / 65535).astype("float32"),
                   "discretized_logistic")  # fmt: skip
    with pytest.raises(DataError, match="describes 17 levels"):
        refuse_outside(LEVELS, "discretized_logistic", 17)


@pytest.mark.parametrize("mask", [None, np.ones_like(WHOLE)])
def test_counts_under_a_bernoulli_are_told_of_their_family(mask):
    with pytest.raises(DataError, match="--likelihood poisson, for counts"):
        refuse_outside(WHOLE, "bernoulli", None, mask)
    with pytest.raises(DataError, match="--likelihood gaussian"):
        refuse_outside(WHOLE + 0.5, "bernoulli", None, mask)


@pytest.mark.parametrize("likelihood", ["gaussian", "diagonal_gaussian"])
def test_a_gaussian_describes_all_real_numbers(likelihood):
    refuse_outside(with_one(WHOLE, -2.5), likelihood)
