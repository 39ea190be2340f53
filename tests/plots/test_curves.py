import numpy as np
import pytest

from keras_vae.plots import curves


def test_lines_bands_marks_and_points_are_where_they_belong():
    x = [1.0, 2.0, 4.0]
    lines = {"a": [0.0, 1.0, 2.0], "b": [2.0, 1.0, 0.0]}
    figure = curves(x, lines, "t", "x", "y", errors={"a": [0.1, 0.1, 0.1]}, marks={"here": 2.0},
                    points=["p", "q", "r"], log_x=True, faint=[[1.0, 1.0, 1.0]])  # fmt: skip
    (axes,) = figure.axes
    drawn = {line.get_label(): line for line in axes.lines}
    np.testing.assert_array_equal(drawn["b"].get_ydata(), lines["b"])
    assert axes.get_xscale() == "log"
    texts = {text.get_text().strip() for text in axes.texts}
    assert texts == {"here", "p", "q", "r"}
    band = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == pytest.approx((-0.1, 2.1))


def test_a_line_of_another_length_is_refused():
    with pytest.raises(ValueError, match="b has the wrong length"):
        curves([1.0, 2.0], {"b": [1.0]}, "t", "x", "y")
