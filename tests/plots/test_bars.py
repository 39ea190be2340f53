import numpy as np
import pytest

from keras_vae.plots import bars


def test_a_bar_for_each_number_with_its_error():
    figure = bars({"a": 1.0, "b": -2.0}, "title", "nats", {"a": 0.5})
    (axes,) = figure.axes
    assert [bar.get_width() for bar in axes.patches] == [1.0, -2.0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["a", "b"]
    ends = axes.collections[0].get_segments()
    np.testing.assert_allclose(ends[0][:, 0], [0.5, 1.5])


def test_numbers_that_are_none_are_refused():
    with pytest.raises(ValueError, match="NaN"):
        bars({"a": np.nan}, "title", "nats")
