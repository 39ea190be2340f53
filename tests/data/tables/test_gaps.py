import numpy as np
import pandas as pd

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
