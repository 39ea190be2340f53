import datetime

import numpy as np
import pandas as pd
import pytest

from keras_vae.data.tables.cells import read_cells

# values: sort, dtype that they are written back as, form
COLUMNS = {
    "whole": ([1, 2], "number", "int64", ""),
    "whole with gaps": ([1, None], "number", "float64", ""),
    "text of whole numbers": (["1", "2"], "number", "int64", ""),
    "text of whole numbers with gaps": (["1", "-", "NA"], "number", "Int64", ""),
    "text of numbers": (["1", "2.5"], "number", "float64", ""),
    "money": (["$1,200", "$3"], "number", "str", "$1,234.5"),
    "bool": ([True, False], "bool", "bool", ""),
    "bool with gaps": ([True, None], "bool", "object", ""),
    "words": (["a", "-"], "text", None, ""),
    "dates as text": (["2020-01-01", ""], "date", "str", "%Y-%m-%d"),
    "dates as digits": ([20200131, 20191201], "date", "int64", "%Y%m%d"),
    "lists": ([[1], [2]], "list", "object", ""),
    "codes": (["007", "1"], "text", None, ""),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_what_cells_are_is_told_by_all_of_them(name):
    values, sort, dtype, form = COLUMNS[name]
    cells = read_cells(pd.Series(values))
    assert (cells.sort, cells.form) == (sort, form)
    assert dtype in (None, cells.dtype)


def test_whole_numbers_are_exact_whatever_their_size():
    for values in (["9007199254740993", "1"], ["99007199254740993999", "1"]):
        assert read_cells(pd.Series(values)).observed.astype(str).tolist() == values


def test_gaps_are_nan_among_numbers_and_days():
    cells = read_cells(pd.Series(["1", "?", ""]))
    np.testing.assert_array_equal(cells.values, [1, np.nan, np.nan])
    cells = read_cells(pd.Series([datetime.date(1970, 1, 2), None]))
    np.testing.assert_array_equal(cells.values, [1, np.nan])


def test_an_ordered_category_has_its_levels_and_those_that_occur_alone():
    sizes = pd.Categorical(["M", "S"], categories=["XS", "S", "M"], ordered=True)
    cells = read_cells(pd.Series(sizes))
    assert (cells.sort, cells.dtype, cells.levels) == ("text", "category", ("S", "M"))


def test_spaces_around_a_word_make_another_one_only_if_the_source_names_it():
    cells = read_cells(pd.Series(["red", "red ", " blue"]))
    assert cells.observed.tolist() == ["red", "red", "blue"]
    cells = read_cells(pd.Series(pd.Categorical(["red", "red "])))
    assert cells.observed.tolist() == ["red", "red "]


def test_a_form_that_is_known_is_not_guessed():
    values = pd.Series(["1/2/1970"])
    assert read_cells(values).values.tolist() == [1]
    assert read_cells(values, form="%d/%m/%Y").values.tolist() == [31]
