import numpy as np
import pytest

from keras_vae.plots.rows import caption, rows, shades, short

PLACES = np.array([[0.0, 2.0, np.nan], [1.0, 0.0, 0.5]])
TEXTS = [["1", "c", ""], ["9", "a", "5"]]
IS_CATEGORY = [False, True, False]


def test_a_number_is_shaded_by_its_place_a_category_by_its_code_and_a_gap_is_white():
    colours = shades(PLACES, IS_CATEGORY)
    assert colours.shape == (2, 3, 4)
    np.testing.assert_array_equal(colours[0, 2], [1, 1, 1, 1])
    assert (colours[0, 0] != colours[1, 0]).any()
    again = shades(np.array([[0.5, 2.0, 0.5]]), IS_CATEGORY)[0]
    np.testing.assert_array_equal(again[1], colours[0, 1])
    np.testing.assert_array_equal(again[0], colours[1, 2])
    # black text is read on every shade: contrast of at least 3 to 1 (WCAG, large text)
    numbers = shades(np.linspace(0, 1, 50)[:, None], [False])[:, 0, :3]
    levels = shades(np.arange(9.0)[:, None], [True])[:, 0, :3]
    linear = np.concatenate([numbers, levels]) ** 2.2
    assert ((linear @ [0.2126, 0.7152, 0.0722] + 0.05) / 0.066 > 3).all()


def test_each_value_stands_in_its_cell_and_a_gap_is_empty():
    axes = rows(PLACES, TEXTS, ["x", "a very long name", "y"], IS_CATEGORY, ["0", "1"], "t").axes[0]
    written = {text.get_position(): text.get_text() for text in axes.texts}
    assert written == {(0, 0): "1", (1, 0): "c", (0, 1): "9", (1, 1): "a", (2, 1): "5"}
    assert [label.get_text() for label in axes.get_xticklabels()] == ["x", "a very long …", "y"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["0", "1"]


def test_the_first_columns_of_many_are_drawn_and_the_caption_says_so():
    figure = rows(
        np.zeros((1, 40)), [["0"] * 40], list(map(str, range(40))), [False] * 40, ["0"], "t"
    )
    assert len(figure.axes[0].get_xticklabels()) == 16
    assert figure.get_supxlabel().endswith("; the first 16 of 40 columns")
    assert "first" not in caption(16)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a" * 13, "a" * 13),
        ("a" * 14, "a" * 12 + "…"),
        ("water_temperature[12]", "water_te…[12]"),
        ("temperature (C) [K]", "temperature …"),
    ],
)
def test_a_text_too_long_ends_in_dots_or_in_the_row_of_its_window(text, shown):
    assert short(text) == shown
