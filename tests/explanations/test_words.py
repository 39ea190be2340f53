import numpy as np

from keras_vae.explanations.words import formula, listed, number, point, power_of_ten, table


def test_numbers_have_their_errors_and_no_sign_before_zero():
    assert number(-135.416) == "-135.42"
    assert number(1.0, 0.256) == "1.00 ± 0.26"
    assert number(-0.001) == "0.00"


def test_a_probability_below_what_floats_hold_is_a_power_of_ten():
    assert power_of_ten(np.log(1e-3)) == "about 10^-3"
    assert power_of_ten(np.log(0.25)) == "0.25"
    assert power_of_ten(-1000.0) == "about 10^-434"  # 1000 / log 10 = 434.3


def test_each_number_of_a_formula_stands_under_its_symbol():
    symbols, numbers = formula(("a + b", "1.00"), "=", ("c", "-12.50")).splitlines()
    assert numbers.index("=") == symbols.index("=")
    assert symbols.index("a") <= numbers.index("1") < symbols.index("=")
    assert abs(numbers.index("-12.50") + 3 - symbols.index("c")) <= 1


def test_columns_of_a_table_end_at_the_same_place():
    head, *rows = table(("", "rate"), ("one", "1.0"), ("another", "10.0")).splitlines()
    assert {len(head), *map(len, rows)} == {len("another  rate")}


def test_names_and_places_in_words():
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert point([0.5, -1.25]) == "(0.50, -1.25)"
    assert point(range(9)) == "(0.00, 1.00, 2.00, 3.00, ...)"
