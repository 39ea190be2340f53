import numpy as np
import pytest

from keras_vae.data.checked import checked, checked_labels, scaled
from keras_vae.errors import DataError

LEVELS = np.uint8([[0, 255], [51, 1]])


def test_8_bit_levels_become_fractions_in_all_splits_alike():
    dark = np.uint8([[0, 1]])
    splits, levels = scaled("mine", {"x": LEVELS, "x_test": dark})
    assert levels == 256
    np.testing.assert_array_equal(splits["x"], np.float32([[0, 1], [0.2, 1 / 255]]))
    np.testing.assert_array_equal(splits["x_test"], np.float32([[0, 1 / 255]]))


def test_16_bit_levels_become_fractions_of_their_own_last():
    splits, levels = scaled("mine", {"x": LEVELS.astype("uint16") * 257})
    assert levels == 65536
    np.testing.assert_allclose(splits["x"], LEVELS / 255, rtol=1e-7)


@pytest.mark.parametrize(
    "x",
    [LEVELS.astype("int64"), LEVELS // 255, LEVELS > 1, (LEVELS > 1).astype("uint16")],
)
def test_all_else_stays_as_it_is(x):
    splits, levels = scaled("mine", {"x": x})
    assert levels is None
    assert splits["x"] is x


@pytest.mark.parametrize("odd", ["x", "x_validation", "x_test"])
def test_one_split_in_another_unit_is_refused(odd):
    splits = dict.fromkeys(["x", "x_validation", "x_test"], LEVELS)
    for dtype in ("float32", "uint16"):
        with pytest.raises(DataError, match=f"{odd} examples {dtype}"):
            scaled("mine", {**splits, odd: LEVELS.astype(dtype)})


def test_examples_are_finite_float32_or_refused():
    x = checked("mine", "x", LEVELS)
    assert x.dtype == "float32"
    with pytest.raises(DataError, match="mine: x_test holds 1 NaN"):
        checked("mine", "x_test", np.float64([[np.nan, 0]]))
    with pytest.raises(DataError, match="expected real numbers"):
        checked("mine", "x", np.array([["a"]]))


def test_labels_are_numbered_in_the_order_of_their_names():
    labels, names = checked_labels("mine", "train", 3, ["dog", "cat", "dog"], None)
    assert (labels.tolist(), names) == ([1, 0, 1], ("cat", "dog"))
    with pytest.raises(DataError, match="validation label 'fox' does not occur"):
        checked_labels("mine", "validation", 2, ["fox", "cat"], names)


@pytest.mark.parametrize("count", [1, 2])
def test_labels_may_stand_in_a_column_however_few_there_are(count):
    for labels in (["dog", "cat"][:count], [["dog"], ["cat"]][:count]):
        found, _ = checked_labels("mine", "train", count, labels, ("cat", "dog"))
        assert found.tolist() == [1, 0][:count]
    with pytest.raises(DataError, match=r"labels of shape \(1, 2\); expected \(1,\)"):
        checked_labels("mine", "train", 1, [[0, 1]], None)
