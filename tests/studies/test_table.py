from keras_vae.studies.table import (
    Table,
    active_text,
    as_html,
    as_markdown,
    options_text,
    with_error,
    with_spread,
)

TABLE = Table("nats", ("name", "elbo"), (("a|b", "1\n2"), ("<c>", "3")))


def test_markdown_keeps_bars_and_lines_inside_their_cells():
    rows = as_markdown([TABLE], ["below"]).splitlines()
    assert rows == [
        "**nats**", "", "| name | elbo |", "| --- | --- |", "| a\\|b | 1<br>2 |", "| <c> | 3 |", "",
        "below",
    ]  # fmt: skip


def test_html_is_a_table_that_holds_the_same_and_no_markup_of_its_cells():
    html = as_html([TABLE], ["<below>"])
    assert "&lt;c&gt;" in html
    assert "<below>" not in html
    assert (html.count("<tr>"), html.count("<td>"), html.count("<th>")) == (3, 4, 2)
    assert "<td>1<br>2</td>" in html


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
