from keras_vae.studies.words import (
    active_text,
    options_text,
    with_error,
    with_spread,
)


def test_a_number_has_the_decimals_that_its_error_has():
    assert with_error(-147.638, 2.171) == "-147.64 ± 2.17"
    assert with_error(0.12345, 0.0123) == "0.123 ± 0.012"
    assert with_error(1.0, 0.0) == "1.00 ± 0.00"
    assert with_spread(-1.0, 0.5, 0.021) == "-1.00 ± 0.50\nseeds ± 0.021"
    assert with_spread(-1.0, 0.5, None) == "-1.00 ± 0.50"


def test_options_stand_as_on_a_command_line():
    options = {"beta": 0.1, "hidden": [64, 32], "patience": None, "condition": []}
    assert options_text(options) == "beta 0.1, hidden 64,32, patience default, condition none"


def test_active_units_of_seeds_are_a_range():
    assert active_text((2, 2), 2) == "2 of 2"
    assert active_text((7, 5, 6), 8) == "5-7 of 8"
