import numpy as np
import pandas as pd
import pytest

from keras_vae.data import from_arrays, load_data
from keras_vae.data.audit import audit, audit_dataset
from keras_vae.errors import DataError

GRAY = np.linspace(0, 1, 600, dtype="float32").reshape(50, 4, 3)
BINARY = np.round(GRAY)
CENTRED = GRAY * 4 - 2


@pytest.mark.parametrize(
    ("x", "likelihood", "binarization"),
    [
        (GRAY, "bernoulli", "dynamic"),
        (GRAY, "bernoulli", "static"),
        (GRAY, "bernoulli", "threshold"),
        (BINARY, "bernoulli", "none"),
        (BINARY, "bernoulli", "dynamic"),
        (GRAY, "continuous_bernoulli", "none"),
        (GRAY, "gaussian", "none"),
        (CENTRED, "gaussian", "none"),
        (100 * GRAY, "gaussian", "none"),
    ],
)
def test_data_that_fit_their_likelihood_pass_in_silence(x, likelihood, binarization):
    assert audit(x, likelihood, binarization) == []


@pytest.mark.parametrize("likelihood", ["bernoulli", "continuous_bernoulli"])
@pytest.mark.parametrize(
    ("x", "span"), [(CENTRED, "[-2, 2]"), (GRAY - 0.01, "[-0.01, 0.99]"), (255 * GRAY, "[0, 255]")]
)
def test_data_outside_the_unit_interval_are_refused_by_likelihoods_on_it(likelihood, x, span):
    with pytest.raises(DataError) as caught:
        audit(x, likelihood, "none")
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"the {likelihood} likelihood describes values in [0, 1]")
    assert span in message
    assert "--likelihood gaussian" in message


@pytest.mark.parametrize("binarization", ["dynamic", "static", "threshold"])
@pytest.mark.parametrize("x", [CENTRED, 2 * GRAY])
def test_data_outside_the_unit_interval_cannot_be_binarised(binarization, x):
    with pytest.raises(
        DataError, match=f"--binarize {binarization} reads values as prob"
    ) as caught:
        audit(x, "gaussian", binarization)
    assert "\n" not in str(caught.value)
    assert "--binarize none" in str(caught.value)


def test_gray_data_under_a_bernoulli_are_warned_of_with_their_share():
    half_gray = np.concatenate([BINARY, np.full_like(BINARY, 0.5)])
    [warning] = audit(half_gray, "bernoulli", "none")
    assert warning.startswith("50% of the values are neither 0 nor 1")
    assert "not a bound on any log p(x)" in warning
    assert "--binarize dynamic" in warning


@pytest.mark.parametrize(("gray_pixels", "warnings"), [(6, 0), (7, 1)])
def test_up_to_a_hundredth_of_gray_pixels_is_no_reason_to_warn(gray_pixels, warnings):
    x = BINARY.copy()
    x.flat[:gray_pixels] = 0.5
    assert len(audit(x, "bernoulli", "none")) == warnings


@pytest.mark.parametrize("likelihood", ["gaussian", "continuous_bernoulli"])
@pytest.mark.parametrize(("x", "binarization"), [(BINARY, "none"), (GRAY, "dynamic")])
def test_binary_data_under_a_density_are_warned_of(likelihood, x, binarization):
    [warning] = audit(x, likelihood, binarization)
    assert f"the data are binary and the {likelihood} likelihood is a density" in warning
    assert "--likelihood bernoulli" in warning
    assert ("--binarize none" in warning) == (binarization != "none")


@pytest.mark.parametrize("likelihood", ["poisson", "discretized_logistic"])
def test_binary_data_under_another_probability_are_warned_of(likelihood):
    (line,) = audit(BINARY, likelihood, "none")
    assert "gives probability to more than 0 and 1" in line
    assert "--likelihood bernoulli" in line


@pytest.mark.parametrize(("x", "binarization"), [(BINARY, "none"), (GRAY, "dynamic")])
def test_binary_data_have_no_logarithm(x, binarization):
    with pytest.raises(DataError, match="log_normal describes values above 0"):
        audit(x, "log_normal", binarization)


def test_gray_levels_under_a_bernoulli_are_told_of_the_likelihood_of_levels():
    (line,) = audit(np.round(255 * GRAY) / np.float32(255), "bernoulli", "none")
    assert "--likelihood discretized_logistic" in line


def test_counts_are_not_told_to_be_standardised():
    x = np.random.default_rng(0).poisson(200, (50, 4)).astype("float32")
    assert audit(x, "poisson", "none") == []
    (line,) = audit(x, "gaussian", "none")
    assert line.startswith("all values are counts")


def test_a_refusal_says_which_split_and_how_it_was_read():
    counts = np.random.default_rng(0).poisson(3, (40, 4)).astype("uint8")
    with pytest.raises(DataError) as caught:
        audit_dataset(from_arrays(counts), "poisson")
    message = str(caught.value)
    assert message.startswith("train split: poisson describes counts")
    assert "as int32" in message
    read, known = message.split("(the values were read: uint8 divided by 255); ")
    assert "store counts as another dtype" in known
    assert "store counts" not in read


@pytest.mark.parametrize(("scale", "reached"), [(101, "101"), (-5000, "-5000")])
def test_values_of_a_large_scale_are_warned_of_with_the_largest(scale, reached):
    [warning] = audit(scale * GRAY, "gaussian", "none")
    assert warning.startswith(f"values reach {reached}:")
    assert "Standardise" in warning


def test_every_warning_is_one_line():
    gray = audit(GRAY, "bernoulli", "none")
    binary = audit(BINARY, "gaussian", "none")
    large = audit(1000 * GRAY, "gaussian", "none")
    assert len(gray + binary + large) == 3
    assert not any("\n" in warning for warning in gray + binary + large)


def test_entries_that_never_leave_the_edge_make_the_continuous_bernoulli_unbounded():
    bordered = GRAY.copy()
    bordered[:, 0, :] = 0
    bordered[:, 3, 1] = 1
    assert audit(bordered, "gaussian", "none") == []
    [warning] = audit(bordered, "continuous_bernoulli", "none")
    assert warning.startswith("4 of 12 entries are exactly 0, or exactly 1, in every example")
    assert "no upper limit" in warning
    assert audit(np.clip(bordered, 1e-3, 1 - 1e-3), "continuous_bernoulli", "none") == []


def test_data_that_hardly_spread_are_warned_of_whatever_their_mean():
    x = np.random.default_rng(0).standard_normal((200, 6)).astype("float32")
    [warning] = audit(50 + 1.6e-4 * x, "gaussian", "none")
    assert "standard deviation of an entry is 0.00016" in warning
    assert audit(50 + 0.02 * x, "gaussian", "none") == []


def test_entries_that_one_sigma_does_not_see_beside_the_widest_are_warned_of():
    x = np.random.default_rng(0).standard_normal((200, 10)).astype("float32")
    scales = np.ones(10)
    scales[3] = 300
    [_, warning] = audit(x * scales, "gaussian", "none")
    assert "less than a hundredth" in warning
    # a few that are narrow, some that never change, and tails that chance makes wide
    scales[:4] = 0.001, 0.001, 0.0, 1.0
    assert audit(x * scales, "gaussian", "none") == []
    heavy = np.random.default_rng(0).standard_t(1, (200, 10)).clip(-99, 99)
    assert audit(heavy, "gaussian", "none") == []


def test_gray_images_in_three_channels_are_told():
    gray = np.random.default_rng(0).random((2500, 4, 3, 1)).astype("float32")
    thrice = np.repeat(gray, 3, axis=3)
    (line,) = audit(thrice, "gaussian", "none")
    assert "three times" in line
    assert "--gray" in line
    thrice[2400, 1, 1, 2] += 0.5
    assert audit(thrice, "gaussian", "none") == []
    assert audit(gray, "gaussian", "none") == []


@pytest.mark.parametrize("likelihood", ["bernoulli", "continuous_bernoulli", "gaussian"])
@pytest.mark.parametrize("x", [GRAY + 0.001, 300 + CENTRED, 0.001 * CENTRED, BINARY])
def test_missing_entries_count_for_nothing(likelihood, x):
    """Whatever stands in them: a row of its own is added, of which all is missing."""

    def told(x, *mask):
        try:
            return audit(x, likelihood, "none", *mask)
        except DataError as error:
            return str(error)

    expected = told(x)
    for wrong in (-50.0, 0.0, 0.5, 1e6):
        more = np.concatenate([x, np.full((50, 4, 3), wrong, "float32")])
        mask = np.repeat(np.float32([1, 0]), 50)[:, None, None] * np.ones_like(more)
        assert told(more, mask) == expected


def test_an_entry_that_is_never_observed_is_left_out():
    mask = np.ones_like(GRAY)
    mask[:, 0, 0] = 0
    assert audit(np.where(mask == 1, GRAY, 0), "gaussian", "none", mask) == []
    assert audit(np.where(mask == 1, GRAY, 0), "continuous_bernoulli", "none", mask) == []


@pytest.mark.parametrize(
    ("columns", "likelihood", "named"),
    [
        (["town", "size", "paid"], "gaussian", "'town' is categorical, and 2 more"),
        (["paid"], "poisson", "'paid' is binary:"),
        (["paid"], "bernoulli", None),
        (["town"], "columns", None),
        (["x"], "gaussian", None),
    ],
)
def test_numbers_of_categories_are_told_from_quantities(columns, likelihood, named):
    table = pd.DataFrame(
        {
            "town": ["Ulm", "Bonn", "Kiel"] * 20,
            "size": ["low", "medium", "high"] * 20,
            "paid": [True, False] * 30,
            "x": np.random.default_rng(0).normal(size=60),
        }
    )
    lines = audit_dataset(load_data(table[columns]), likelihood)
    assert len(lines) == (named is not None)
    if named:
        assert named in lines[0]
        assert "--likelihood columns" in lines[0]
