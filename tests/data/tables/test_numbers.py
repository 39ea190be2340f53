import numpy as np
import pandas as pd
import pytest

from keras_vae.data.tables.numbers import number_form, parse_numbers, spell_numbers

SPELLED = {
    "": (["1", "-2.5", "1e3", ".5"], [1, -2.5, 1000, 0.5]),
    "1,234.5": (["1,234", "12", "1,000,000.5"], [1234, 12, 1000000.5]),
    "$1,234.5": (["$1,234.5", "$2"], [1234.5, 2]),
    "1234.5 %": (["12 %", "-3.5 %"], [12, -3.5]),
    "1234,5": (["3,25", "2"], [3.25, 2]),
    "1.234,5": (["1.234,5", "-2"], [1234.5, -2]),
    "1234.5kg": (["5kg", "61.5kg"], [5, 61.5]),
}


@pytest.mark.parametrize("form", SPELLED)
def test_numbers_are_told_by_how_they_are_spelled_and_spelled_again(form):
    texts, values = SPELLED[form]
    assert number_form(pd.Series(texts)) == form
    assert parse_numbers(pd.Series(texts), form).tolist() == values
    if form:
        assert spell_numbers(np.array(values, "float32"), form) == texts


@pytest.mark.parametrize(
    "texts",
    [["007", "1"], ["1st", "2nd"], ["A1", "A2"], ["5kg", "6lb"], ["1_000", "2"], ["0x10", "3"],
     ["True", "1"], ["a", "1"], ["1.2.3", "4"], ["$007", "$1"]],
)  # fmt: skip
def test_codes_and_texts_are_no_numbers(texts):
    assert number_form(pd.Series(texts)) is None


def test_what_is_of_another_form_is_nan():
    assert np.isnan(parse_numbers(pd.Series(["12", "1,2,3", "x"]), "$1,234.5")[1:]).all()


def test_the_shortest_number_that_float32_reads_back_is_spelled():
    assert spell_numbers(np.array([0.1, 1234567], "float32"), "$1,234.5") == ["$0.1", "$1,234,567"]
