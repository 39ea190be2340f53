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


def drawn(pairs, steps, event_shape=(8, 8)):
    """A picture of random examples; also what it was given."""
    rng = np.random.default_rng(0)
    images = rng.random((pairs * steps, *event_shape))
    x_from, x_to = rng.random((2, pairs, *event_shape))
    return interpolation(images, steps, x_from, x_to), images, x_from, x_to


@pytest.mark.parametrize("event_shape", [(8, 8), (8, 8, 3), (12,), (24, 8)])
def test_one_row_a_pair_from_0_to_1_between_its_originals(event_shape, assert_legible):
    figure, *_ = drawn(2, 11, event_shape)
    assert_legible(figure)
    (axes,) = figure.axes
    assert axes.get_ylim() == (2, 0)
    first, *shares, last = [label.get_text() for label in axes.get_xticklabels()]
    assert first == last == "x"
    assert "x: an example; numbers" in axes.get_xlabel()
    np.testing.assert_allclose(np.float64(shares), np.linspace(0, 1, 11))


def test_rows_are_in_the_order_of_the_pairs_and_end_in_their_originals():
    figure, images, x_from, x_to = drawn(2, 3)
    shown = figure.axes[0].images[0].get_array()
    cells = np.asarray(shown).reshape(2, 10, 5, 10).swapaxes(1, 2)[:, :, 1:9, 1:9]
    np.testing.assert_array_equal(cells[:, 0], x_from)
    np.testing.assert_array_equal(cells[:, 1:4], images.reshape(2, 3, 8, 8))
    np.testing.assert_array_equal(cells[:, 4], x_to)


def test_refusals():
    with pytest.raises(ValueError, match=r"one shape \(P, d\), got \(2, 3\) and \(1, 3\)"):
        interpolation_nodes(np.zeros((2, 3)), np.zeros((1, 3)))
    with pytest.raises(ValueError, match="z_to holds NaN or infinity"):
        interpolation_nodes(np.zeros((2, 3)), np.full((2, 3), np.nan))
    with pytest.raises(ValueError, match="steps is out of range"):
        interpolation_nodes(np.zeros((2, 3)), np.zeros((2, 3)), steps=1)
    with pytest.raises(ValueError, match="expected a multiple of steps=4, got 6"):
        interpolation(np.zeros((6, 8, 8)), 4, np.zeros((2, 8, 8)), np.zeros((2, 8, 8)))
    with pytest.raises(ValueError, match="x_to has the wrong length: expected 2 along"):
        interpolation(np.zeros((6, 8, 8)), 3, np.zeros((2, 8, 8)), np.zeros((3, 8, 8)))
    with pytest.raises(ValueError, match=r"shape \(2, 8, 8\), got \(2, 8, 8, 1\) and \(2, 8, 8\)"):
        interpolation(np.zeros((6, 8, 8)), 3, np.zeros((2, 8, 8, 1)), np.zeros((2, 8, 8)))
