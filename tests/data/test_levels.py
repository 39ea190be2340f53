import numpy as np
import pytest

from keras_vae.data.levels import divided, kept_dtype, levels_of, off_levels

ALL = {levels: (np.arange(levels) / (levels - 1)).astype("float32") for levels in (17, 256, 65536)}


@pytest.mark.parametrize(("levels", "found"), [(17, None), (256, 256), (65536, 65536)])
def test_levels_are_known_by_their_values(levels, found):
    assert levels_of(ALL[levels][:, None]) == found


@pytest.mark.parametrize("wrong", [0.5, -1 / 255, 256 / 255, 17.0])
def test_one_value_between_or_beyond_them_makes_other_data(wrong):
    x = np.tile(ALL[256], (10, 1))
    x[9, 3] = wrong
    assert np.argwhere(off_levels(x, 256)).tolist() == [[9, 3]]
    assert levels_of(x) != 256


@pytest.mark.parametrize("levels", [17, 256, 65536])
def test_all_levels_are_on_them_in_float32(levels):
    assert not off_levels(ALL[levels], levels).any()
    between = (ALL[levels][:-1] + ALL[levels][1:]) / 2
    assert off_levels(between, levels).all()


@pytest.mark.parametrize(
    ("dtype", "kept"),
    [("uint8", "uint8"), ("bool", "uint8"), (">u2", "uint16"), ("int16", "float32"), ("f8", "f4")],
)
def test_levels_stay_integers_and_all_else_becomes_float32(dtype, kept):
    assert kept_dtype(np.dtype(dtype)) == np.dtype(kept)


def test_the_division_is_told_with_the_last_level():
    assert divided(256) == "uint8 divided by 255"
    assert divided(65536) == "uint16 divided by 65535"
