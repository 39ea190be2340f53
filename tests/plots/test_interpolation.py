import numpy as np
import pytest

from keras_vae.plots import interpolation, interpolation_nodes


def test_nodes_are_on_the_line_and_hold_both_ends():
    rng = np.random.default_rng(0)
    z_from, z_to = rng.normal(size=(2, 3, 4)).astype(np.float32)
    nodes = interpolation_nodes(z_from, z_to, steps=5)
    assert nodes.dtype == np.float32
    rows = nodes.reshape(3, 5, 4)
    np.testing.assert_array_equal(rows[:, 0], z_from)
    np.testing.assert_array_equal(rows[:, -1], z_to)
    for k, share in enumerate([0, 0.25, 0.5, 0.75, 1]):
        np.testing.assert_allclose(rows[:, k], z_from + share * (z_to - z_from), atol=1e-6)


@pytest.mark.parametrize("event_shape", [(8, 8), (8, 8, 3), (12,)])
def test_one_row_a_pair_from_0_to_1(event_shape, assert_legible):
    images = np.random.default_rng(0).random((22, *event_shape))
    figure = interpolation(images, 11)
    assert_legible(figure)
    (axes,) = figure.axes
    assert axes.get_ylim() == (2, 0)
    shares = [float(label.get_text()) for label in axes.get_xticklabels()]
    np.testing.assert_allclose(shares, np.linspace(0, 1, 11))


def test_rows_are_in_the_order_of_the_pairs():
    images = np.random.default_rng(0).random((6, 8, 8))
    shown = interpolation(images, 3).axes[0].images[0].get_array()
    np.testing.assert_array_equal(shown[1:9, 21:29], images[2])
    np.testing.assert_array_equal(shown[11:19, 1:9], images[3])


def test_refusals():
    with pytest.raises(ValueError, match=r"one shape \(P, d\), got \(2, 3\) and \(1, 3\)"):
        interpolation_nodes(np.zeros((2, 3)), np.zeros((1, 3)))
    with pytest.raises(ValueError, match="z_to holds NaN or infinity"):
        interpolation_nodes(np.zeros((2, 3)), np.full((2, 3), np.nan))
    with pytest.raises(ValueError, match="steps is out of range"):
        interpolation_nodes(np.zeros((2, 3)), np.zeros((2, 3)), steps=1)
    with pytest.raises(ValueError, match="expected a multiple of steps=4, got 6"):
        interpolation(np.zeros((6, 8, 8)), 4)
