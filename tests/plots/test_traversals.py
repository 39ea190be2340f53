import numpy as np
import pytest

from keras_vae.plots import traversal_nodes, traversals


def test_nodes_move_one_latent_and_hold_the_others():
    z_start = np.array([0.5, -1.0, 2.0, 0.25])
    nodes = traversal_nodes(z_start, [2, 0], steps=5, reach=2.0)
    assert nodes.dtype == np.float32
    rows = nodes.reshape(2, 5, 4)
    for row, latent in zip(rows, [2, 0], strict=True):
        np.testing.assert_allclose(row[:, latent], [-2, -1, 0, 1, 2])
        others = np.delete(np.arange(4), latent)
        np.testing.assert_array_equal(row[:, others], np.tile(z_start[others], (5, 1)))


def test_rows_and_columns_say_what_moves(assert_legible, all_text):
    images = np.random.default_rng(0).random((33, 8, 8))
    figure = traversals(images, [2, 0, 11], 11, 3.0)
    assert_legible(figure)
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["z_3", "z_1", "z_12"]
    columns = [float(label.get_text()) for label in axes.get_xticklabels()]
    np.testing.assert_allclose(columns, np.linspace(-3, 3, 11))
    np.testing.assert_array_equal(axes.images[0].get_array()[1:9, 1:9], images[0])
    np.testing.assert_array_equal(axes.images[0].get_array()[11:19, 1:9], images[11])
    assert "nats" not in all_text(figure)


def test_rates_are_written_beside_their_latents_in_nats(assert_legible):
    figure = traversals(np.zeros((22, 8, 8)), [6, 2], 11, 3.0, rates=[12.03, 1.91])
    assert_legible(figure)
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == ["z_7  12.0 nats", "z_3  1.9 nats"]


@pytest.mark.parametrize(("latents", "steps"), [(1, 2), (30, 21)])
@pytest.mark.parametrize("event_shape", [(8, 8, 3), (12,)])
def test_small_and_large_grids_are_legible(latents, steps, event_shape, assert_legible):
    images = np.random.default_rng(0).random((latents * steps, *event_shape))
    assert_legible(traversals(images, range(latents), steps, 3.0, rates=np.ones(latents)))


def test_refusals():
    z_start = np.zeros(3)
    with pytest.raises(ValueError, match="expected 0 to 2 as z_start has 3 latents, got 3"):
        traversal_nodes(z_start, [0, 3])
    with pytest.raises(ValueError, match=r"A latent index is out of range: .* got -1"):
        traversal_nodes(z_start, [-1])
    with pytest.raises(ValueError, match="No latents were chosen"):
        traversal_nodes(z_start, [])
    with pytest.raises(ValueError, match=r"steps is out of range: .* at least 2, got 1"):
        traversal_nodes(z_start, [0], steps=1)
    for reach in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(ValueError, match="reach is out of range"):
            traversal_nodes(z_start, [0], reach=reach)
    with pytest.raises(ValueError, match="z_start holds NaN or infinity"):
        traversal_nodes([0.0, np.nan], [0])
    with pytest.raises(ValueError, match=r"images has the wrong length: expected 22 .* got 21"):
        traversals(np.zeros((21, 8, 8)), [0, 1], 11, 3.0)
    with pytest.raises(ValueError, match=r"rates has the wrong length: expected 2 .* got 3"):
        traversals(np.zeros((22, 8, 8)), [0, 1], 11, 3.0, rates=[1, 2, 3])


def test_under_another_prior_steps_are_its_standard_deviations(assert_legible, all_text):
    prior = np.random.default_rng(0).normal(size=(40_000, 3)) * [1, 2, 0.5] + [0, 4, -1]
    nodes = traversal_nodes(np.zeros(3), [1, 2], 3, 2.0, prior).reshape(2, 3, 3)
    np.testing.assert_allclose(nodes[0, :, 1], [0, 4, 8], atol=0.1)
    np.testing.assert_allclose(nodes[1, :, 2], [-2, -1, 0], atol=0.05)
    figure = traversals(np.zeros((6, 8, 8)), [1, 2], 3, 2.0, prior=prior)
    assert_legible(figure)
    labels = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert labels == ["-2.0 sd", "0.0 sd", "2.0 sd"]
    assert "from the prior's mean, in its standard deviations" in all_text(figure)
