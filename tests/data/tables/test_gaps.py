import numpy as np
import pandas as pd
import pytest

from keras_vae.data.tables.gaps import is_gap, plain


def told(values, **options):
    return is_gap(pd.Series(values), **options).tolist()


def test_texts_that_stand_for_nothing_are_gaps_and_none_is_not():
    values = ["", " NA ", "n/a", "NULL", "?", "a", "None", "-", "nano"]
    assert told(values) == [True] * 5 + [False] * 4


def test_among_numbers_so_are_dashes_and_none():
    values = ["1", "-", "..", "none", "unknown"]
    assert told(values, among_numbers=True) == [False, True, True, True, True]


def test_what_is_named_a_category_is_no_gap():
    assert told(["NA", "?", None], kept=("NA",)) == [False, True, True]


def test_more_values_can_be_named():
    assert told([-999, 1, np.nan], gaps=(-999,)) == [True, False, True]
    assert told(["-999", "1"], gaps=(-999,)) == [True, False]
    assert told(["n.d.", "1"], gaps=("n.d.",)) == [True, False]


def test_codes_of_categories_are_seen_as_their_values():
    values = plain(pd.Series(pd.Categorical(["b", None, "a"])))
    assert is_gap(values).tolist() == [False, True, False]
    assert not isinstance(values.dtype, pd.CategoricalDtype)


@pytest.mark.parametrize("dtype", ["int64", "uint8", "Int64", "float64", "bool", "object"])
def test_categories_of_any_dtype_may_have_gaps(dtype):
    categories = pd.Index([1, 0]).astype(dtype)
    column = pd.Series(pd.Categorical.from_codes([1, -1, 0], categories))
    values = plain(column)
    assert is_gap(values).tolist() == [False, True, False]
    assert values[[0, 2]].tolist() == [0, 1]
    assert plain(column[[0, 2]]).tolist() == [0, 1]
