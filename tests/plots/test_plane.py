import numpy as np
import pytest

from keras_vae.plots import plane, plane_nodes


def test_the_first_latent_runs_to_the_right_and_the_second_upwards():
    nodes = plane_nodes(2.0, 5)
    assert nodes.shape == (25, 2)
    figure = plane(nodes[:, 0] + 10 * nodes[:, 1], 2.0, {"here": [1.0, -1.0]}, "t", "nats")
    axes = figure.axes[0]
    values = axes.images[0].get_array()
    assert values[0, 0] == pytest.approx(-22)
    assert values[0, -1] - values[0, 0] == pytest.approx(4)  # along z_1, to the right
    assert values[-1, 0] - values[0, 0] == pytest.approx(40)  # along z_2, upwards
    assert axes.images[0].origin == "lower"
    assert axes.lines[0].get_xydata()[0] == pytest.approx([1, -1])


def test_values_of_no_square_are_refused():
    with pytest.raises(ValueError, match="not a square"):
        plane(np.zeros(7), 1.0, {}, "t", "nats")
