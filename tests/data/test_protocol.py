import numpy as np
import pytest
import reference

from keras_vae.data import (
    binarize,
    default_binarization,
    describe_protocol,
    examples_to_fit,
    is_binary,
    recorded_binarization,
)
from keras_vae.errors import DataError

SPLITS = ["train", "validation", "test"]


@pytest.fixture
def gray():
    return np.random.default_rng(0).random((50, 4, 3)).astype("float32")


def test_threshold_is_above_one_half():
    x = np.float32([[0, 0.4999, 0.5, 0.5001, 1]])
    result = binarize(x, "threshold", "train")
    assert result.dtype == "float32"
    np.testing.assert_array_equal(result, [[0, 0, 0, 1, 1]])


def test_none_leaves_the_values_as_they_are():
    x = np.float32([[-3, 0.5, 7]])
    np.testing.assert_array_equal(binarize(x, "none", "train"), x)


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("binarization", ["dynamic", "static"])
def test_a_draw_is_0_or_1_with_the_gray_level_as_its_mean(binarization, split):
    levels = np.float32([0.0, 0.02, 0.3, 0.5, 0.9, 1.0])
    draws = binarize(np.tile(levels, (20_000, 1)), binarization, split)
    assert draws.dtype == "float32"
    assert set(np.unique(draws)) == {0, 1}
    mean, error = reference.monte_carlo_mean(draws)
    assert (np.abs(mean - levels) <= 4 * error + 1e-12).all()


def test_no_two_pixels_and_no_two_examples_share_a_draw():
    draws = binarize(np.full((5000, 2), 0.5, "float32"), "static", "test")
    # the correlation of independent draws has standard error 1 / sqrt(N)
    assert abs(np.corrcoef(draws.T)[0, 1]) < 4 / np.sqrt(5000)
    assert abs(np.corrcoef(draws[:-1, 0], draws[1:, 0])[0, 1]) < 4 / np.sqrt(4999)


@pytest.mark.parametrize("split", SPLITS)
def test_the_draw_of_a_split_is_the_same_every_time(gray, split):
    first = binarize(gray, "dynamic", split)
    np.random.seed(7)
    np.testing.assert_array_equal(binarize(gray, "dynamic", split), first)


def test_dynamic_and_static_are_tested_on_the_same_draw(gray):
    np.testing.assert_array_equal(
        binarize(gray, "dynamic", "test"), binarize(gray, "static", "test")
    )


def test_each_split_has_a_draw_of_its_own(gray):
    draws = [binarize(gray, "static", split) for split in SPLITS]
    for first, second in ((0, 1), (0, 2), (1, 2)):
        assert (draws[first] != draws[second]).mean() > 0.1


def test_binary_data_are_their_own_draw(gray):
    binary = (gray > 0.5).astype("float32")
    for binarization in ("dynamic", "static", "threshold"):
        np.testing.assert_array_equal(binarize(binary, binarization, "train"), binary)


@pytest.mark.parametrize(
    ("x", "likelihood", "expected"),
    [
        (np.full((2, 4, 5), 0.5), "bernoulli", "dynamic"),
        (np.full((2, 4, 5, 1), 0.5), "bernoulli", "dynamic"),
        (np.full((2, 4, 5, 3), 0.5), "bernoulli", "none"),
        (np.full((2, 30, 2), 0.5), "bernoulli", "none"),
        (np.full((2, 50, 5), 0.5), "bernoulli", "none"),  # a series is not a picture
        (np.full((2, 28, 20), 0.5), "bernoulli", "dynamic"),
        (np.full((2, 50, 5, 1), 0.5), "bernoulli", "dynamic"),
        (np.full((2, 4, 5), 0.5), "gaussian", "none"),
        (np.full((2, 4, 5), 0.5), "continuous_bernoulli", "none"),
        (np.ones((2, 4, 5)), "bernoulli", "none"),
        (np.full((2, 12), 0.5), "bernoulli", "none"),
        (np.full((2, 4, 5), 1.5), "bernoulli", "none"),
        (np.full((2, 4, 5), -0.5), "bernoulli", "none"),
    ],
    ids=[
        *("gray", "gray with its channel", "colour", "series", "longer series", "upright"),
        *("strip with its channel", "gaussian", "continuous"),
        *("binary", "vector", "above 1", "below 0"),
    ],
)
def test_only_images_of_gray_levels_under_a_bernoulli_are_binarised_unasked(
    x, likelihood, expected
):
    assert default_binarization(x.astype("float32"), likelihood) == expected


@pytest.mark.parametrize("binarization", ["dynamic", "static", "threshold"])
def test_the_protocol_in_words_names_the_binarisation(binarization):
    words = describe_protocol(binarization)
    assert words.startswith(f"{binarization} binarisation: ")
    assert ("seed (2)" in words) == (binarization != "threshold")


def test_the_protocol_in_words_says_that_nothing_was_binarised():
    assert "not binarised" in describe_protocol("none")


@pytest.mark.parametrize(
    ("values", "expected"),
    [([0, 1, 1], True), ([0, 0, 0], True), ([0, 0.5, 1], False), ([0, 2, 1], False)],
)
def test_only_0_and_1_are_binary(values, expected):
    assert is_binary(np.float32([values])) is expected


def test_the_protocol_in_words_names_the_draw_of_each_split():
    assert "; validation pixels drawn once from a fixed seed (1)" in describe_protocol(
        "dynamic", "validation"
    )
    assert describe_protocol("static", "train").endswith(
        "for these figures train pixels drawn once from a fixed seed (0)"
    )


def test_an_unknown_binarisation_is_refused():
    with pytest.raises(ValueError, match="binarization='foo': expected one of dynamic, static"):
        binarize(np.zeros((2, 3), "float32"), "foo", "test")


def test_a_model_without_z_is_fitted_to_gray_levels_only_where_their_mean_is_enough(gray):
    assert examples_to_fit(gray, "dynamic", of_binary=True) is gray
    for binarization, of_binary in (("dynamic", False), ("static", True), ("threshold", True)):
        np.testing.assert_array_equal(
            examples_to_fit(gray, binarization, of_binary), binarize(gray, binarization, "train")
        )


@pytest.mark.parametrize("binarization", ["dynamic", "static", "threshold"])
@pytest.mark.parametrize("wrong", [-0.1, 255.0, np.nan])
def test_only_gray_levels_are_made_binary(binarization, wrong):
    x = np.full((2, 3), wrong, "float32")
    with pytest.raises(DataError, match=r"reads values as gray levels in \[0, 1\]"):
        binarize(x, binarization, "test")
    assert binarize(x, "none", "test") is x


@pytest.mark.parametrize("binarization", ["dynamic", "static", "threshold", "none"])
def test_the_protocol_begins_with_what_was_done_to_the_values(binarization):
    words = describe_protocol(binarization, "test", ("uint8 divided by 255",))
    assert words.startswith("uint8 divided by 255; ")
    assert "as they are" not in words


def test_a_model_that_does_not_know_its_binarisation_had_none():
    assert recorded_binarization({"data": "made", "binarize": "static"}) == "static"
    assert recorded_binarization({"data": "made"}) == recorded_binarization(None) == "none"
