import numpy as np

from keras_vae.plots.rows import shades
from keras_vae.plots.rows_manifold import rows_manifold


def test_each_column_has_a_panel_with_its_values_over_the_plane():
    places = np.linspace(0, 1, 18).reshape(9, 2)
    panels = rows_manifold(places, ["age", "town"], [False, True], 3, "a note").axes
    assert [axes.get_title() for axes in panels] == ["age", "town"]
    shown = panels[0].images[0].get_array()
    # row by row from the top left, as the nodes are
    np.testing.assert_allclose(shown.reshape(9, 4), shades(places, [False, True])[:, 0])
    ticks = [label.get_text() for label in panels[0].get_yticklabels()]
    assert ticks == ["2.1", "0.0", "-2.1"]
