import numpy as np
import pandas
import pytest

from keras_vae import DataError
from keras_vae.data.part_arrays import part_arrays

X = np.random.default_rng(0).random((6, 4)).astype("float32")
MASK = np.random.default_rng(1).random((6, 4)) < 0.5
CONDITION = np.arange(6.0)[:, None]


def test_one_array_has_neither_mask_nor_condition():
    x, mask, condition = part_arrays("made", X)
    assert x is X
    assert mask is condition is None


@pytest.mark.parametrize("mask", [MASK, MASK.astype("uint8"), MASK.astype(float), MASK.tolist()])
@pytest.mark.parametrize("missing", [np.nan, np.inf, 7])
def test_what_is_missing_is_0_whatever_stood_there(mask, missing):
    x = np.where(MASK, X, np.float32(missing))
    parts = part_arrays("made", {"x": pandas.DataFrame(x), "mask": mask, "condition": CONDITION})
    np.testing.assert_array_equal(parts.x, np.where(MASK, X, 0))
    np.testing.assert_array_equal(parts.mask, MASK)
    np.testing.assert_array_equal(parts.condition, CONDITION)
    assert {part.dtype.name for part in parts} == {"float32"}


def test_gray_levels_stay_8_bits():
    assert part_arrays("made", {"x": (255 * X).astype("uint8"), "mask": MASK}).x.dtype == "uint8"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "a dictionary of nothing; expected x"),
        ({"mask": MASK}, "a dictionary of 'mask'; expected x"),
        ({"x": X, "labels": X}, "a dictionary of 'x', 'labels'; expected x"),
        ({"x": X, "mask": MASK[:, :3]}, r"mask has shape \(6, 3\), x \(6, 4\)"),
        ({"x": X, "mask": 2 * MASK}, "mask holds other values than 1, observed, and 0, missing"),
        ({"x": X, "mask": np.where(MASK, 1, np.nan)}, "mask holds other values"),
        ({"x": X, "mask": 0 * MASK}, "mask is 0 everywhere"),
        ({"x": X, "condition": CONDITION[:5]}, r"condition has shape \(5, 1\); expected \(6, "),
        ({"x": X, "condition": 3.0}, r"condition has shape \(\); expected \(6, "),
        ({"x": X, "condition": CONDITION * np.nan}, "condition holds NaN or infinite values"),
        ({"x": X, "condition": [["a"]] * 6}, "condition: expected an array of numbers"),
    ],
)
def test_parts_that_do_not_fit_are_one_line(given, words):
    with pytest.raises(DataError, match=f"^made: .*{words}") as error:
        part_arrays("made", given)
    assert "\n" not in str(error.value)


def test_a_condition_of_one_number_each_may_have_no_axis_of_its_own():
    given = {"x": X, "condition": CONDITION[:, 0]}
    np.testing.assert_array_equal(part_arrays("made", given).condition, np.arange(6))
