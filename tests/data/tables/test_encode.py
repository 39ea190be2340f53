import numpy as np
import pandas as pd
import pytest

from keras_vae.data.tables import Column
from keras_vae.data.tables.encode import codes_of, decode_column, encode_column
from keras_vae.errors import DataError

# The same values in other dtypes than the column's own.
NUMBER = Column("n", "real")
MONEY = Column("n", "positive", (), "str", form="$1,234.5")
TEXT = Column("n", "categorical", ("1", "2", "a"), "str")
LEVELS = Column("n", "ordinal", (1, 2.5), "float64")
FLAG = Column("n", "binary", (False, True), "bool")
DATE = Column("n", "date", (), "str", form="%Y-%m-%d")
DAYS = Column("n", "date", (), "int64", form="%Y%m%d")


@pytest.mark.parametrize(
    ("column", "values", "numbers"),
    [
        (NUMBER, ["1", " 2.5 ", "-"], [1, 2.5, 0]),
        (NUMBER, pd.array([1, 2, None], "Int64"), [1, 2, 0]),
        (MONEY, ["$1,200.5", "3", ""], [1200.5, 3, 0]),
        (MONEY, [1200.5, 3, None], [1200.5, 3, 0]),
        (TEXT, [1.0, 2.0, None], [0, 1, 0]),
        (TEXT, ["a", " 1", "?"], [2, 0, 0]),
        (LEVELS, ["1.0", "2.5", "NA"], [0, 1, 0]),
        (LEVELS, ["1.0", "2.5", "."], [0, 1, 0]),
        (FLAG, [True, False, None], [1, 0, 0]),
        (FLAG, ["True", "False", ""], [1, 0, 0]),
        (DATE, pd.to_datetime(["1970-01-02", "1970-02-01", None]), [1, 31, 0]),
        (DAYS, [19700102, 19700201, None], [1, 31, 0]),
        (DAYS, ["19700102", "19700201", ""], [1, 31, 0]),
    ],
)
def test_the_same_values_of_another_dtype_are_the_same_numbers(column, values, numbers):
    found, observed = encode_column(column, pd.Series(values))
    assert found.tolist() == numbers
    assert observed.tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("column", "values", "words"),
    [
        (NUMBER, [True, False], "True, expected a number"),
        (NUMBER, ["1", "2 kg"], "row 1 holds '2 kg'"),
        (Column("n", "positive"), [1, 0], "row 1 holds 0, expected a number above 0"),
        (MONEY, ["€3"], "spelled as $1,234.5"),
        (FLAG, ["maybe"], "False, True"),
        (LEVELS, [1, "two"], "'two'"),
        (TEXT, ["1", "3", "b"], "row 1 and 1 more rows hold '3'"),
    ],
)
def test_what_does_not_fit_is_shown(column, values, words):
    with pytest.raises(DataError) as caught:
        encode_column(column, pd.Series(values))
    assert words in str(caught.value)


def test_an_error_lists_a_few_of_many_categories():
    many = Column("n", "categorical", tuple(map(str, range(100))))
    with pytest.raises(DataError) as caught:
        codes_of(many, pd.Series(["x"]))
    assert str(caught.value).endswith("one of its 100 categories: 0, 1, 2, 3, 4, 5, 6, 7, ...")


def test_an_ordered_category_is_written_back_as_one():
    cells = decode_column(
        Column("n", "ordinal", ("S", "M"), "category"), np.array([1, 0, 0]), np.array([0, 0, 1]) > 0
    )
    assert cells.cat.ordered
    assert cells.cat.categories.tolist() == ["S", "M"]
    assert cells.isna().tolist() == [False, False, True]


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "Int8", "UInt16", "int32"])
def test_what_a_dtype_cannot_hold_becomes_the_nearest_that_it_can(dtype):
    values = np.float32([-1e12, -3.4, 7.6, 1e12])
    column, present = Column("n", "real", (), dtype), np.zeros(4, bool)
    cells = decode_column(column, values, present)
    limits = np.iinfo(dtype.lower())
    rounded = [-3 if limits.min else 0, 8]
    # float64 holds the limits of up to 32 bits
    assert cells.tolist() == [limits.min, *rounded, limits.max]
    assert cells.dtype == dtype


@pytest.mark.parametrize("dtype", ["int64", "uint64", "Int64"])
def test_whole_numbers_of_64_bits_do_not_wrap(dtype):
    cells = decode_column(
        Column("n", "real", (), dtype), np.float32([-1e30, 1e30]), np.zeros(2, bool)
    )
    limits = np.iinfo(dtype.lower())
    assert cells.tolist() == [limits.min, pytest.approx(limits.max, rel=1e-15)]
    assert cells[1] <= limits.max


def test_numbers_are_written_with_the_digits_that_float32_holds():
    drawn = np.array([0.1, 1 / 3], "float32")
    there = np.zeros(2, bool)
    assert decode_column(NUMBER, drawn, there).tolist() == [0.1, 0.33333334]
    assert decode_column(MONEY, drawn, there).tolist() == ["$0.1", "$0.33333334"]
