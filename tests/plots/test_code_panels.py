import numpy as np
import pytest
from matplotlib.contour import ContourSet

from keras_vae.plots import code_panels


def test_each_panel_shows_all_codes_by_its_latents_of_largest_variance():
    rng = np.random.default_rng(0)
    codes = rng.normal(size=(30, 3)) * [0.1, 1.0, 5.0]
    figure = code_panels({"one": codes[:, :1], "three": codes}, "t", np.arange(30) % 3)
    first, second = figure.axes
    assert len(first.collections[0].get_offsets()) == 30
    shown = np.asarray(second.collections[0].get_offsets())
    expected = codes[np.random.default_rng(0).permutation(30)][:, [2, 1]]
    np.testing.assert_allclose(shown, expected)
    assert [axes.get_title() for axes in figure.axes] == ["one", "three"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["0", "1", "2"]


def test_codes_that_are_not_finite_are_refused():
    with pytest.raises(ValueError, match="bad holds NaN"):
        code_panels({"bad": np.full((3, 2), np.nan)}, "t")


def test_another_prior_is_drawn_in_each_panel_and_named(all_text):
    rng = np.random.default_rng(0)
    codes, prior = rng.normal(size=(30, 2)), rng.normal(7, 1, (5000, 2))
    figure = code_panels({"a": codes, "b": codes}, "t", prior=prior)
    for axes in figure.axes:
        assert axes.findobj(ContourSet)
        assert axes.get_xlim()[1] > 9
    assert "this model's prior p(z)" in all_text(figure)
    assert "N(0, I)" not in all_text(figure)
