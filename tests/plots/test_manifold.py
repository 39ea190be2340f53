import numpy as np
import pytest
from scipy.stats import norm

from keras_vae.plots import manifold, manifold_nodes, mosaic


def test_nodes_are_at_equal_steps_of_probability():
    nodes = manifold_nodes(20)
    assert nodes.shape == (400, 2)
    assert nodes.dtype == np.float32
    expected = norm.ppf(np.linspace(0.02, 0.98, 20, dtype=np.float64))
    np.testing.assert_allclose(nodes[:20, 0], expected, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(nodes[::20, 1], expected[::-1], rtol=1e-6, atol=1e-7)


def test_nodes_go_row_by_row_from_the_top_left():
    nodes = manifold_nodes(3).reshape(3, 3, 2)
    assert (np.diff(nodes[..., 0], axis=1) > 0).all()
    assert (np.diff(nodes[..., 0], axis=0) == 0).all()
    assert (np.diff(nodes[..., 1], axis=0) < 0).all()
    assert (np.diff(nodes[..., 1], axis=1) == 0).all()


def test_images_are_one_tight_picture_with_the_latents_on_its_axes(assert_legible, all_text):
    images = np.random.default_rng(0).random((400, 6, 6))
    figure = manifold(images, 20)
    assert_legible(figure)
    (axes,) = figure.axes
    np.testing.assert_array_equal(axes.images[0].get_array(), mosaic(images, 20))
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("z_1", "z_2")
    values = manifold_nodes(20).reshape(20, 20, 2)
    for tick, label in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True):
        assert float(label.get_text()) == pytest.approx(values[0, int(tick), 0], abs=0.006)
    for tick, label in zip(axes.get_yticks(), axes.get_yticklabels(), strict=True):
        assert float(label.get_text()) == pytest.approx(values[int(tick), 0, 1], abs=0.006)
    assert "equal steps of probability under N(0, I)" in all_text(figure)


@pytest.mark.parametrize("event_shape", [(30,), (15, 2)])
def test_vectors_are_thinned_to_ten_by_ten(event_shape, assert_legible):
    row, column = np.divmod(np.arange(400), 20)
    slope = (100 * row + column).reshape(400, *[1] * len(event_shape))
    figure = manifold(slope * np.linspace(0, 1, 30).reshape(event_shape), 20)
    assert_legible(figure)
    (axes,) = figure.axes
    lines = np.array(axes.collections[-1].get_segments())
    assert len(lines) == 100
    rises = (lines[:, 0, 1] - lines[:, -1, 1]).reshape(10, 10)
    assert rises[-1, -1] == pytest.approx(0.84)
    assert rises[0, 0] == pytest.approx(0)
    assert (np.diff(rises, axis=0) > 0).all()
    assert (np.diff(rises, axis=1) > 0).all()
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert (labels[0], labels[-1]) == ("-2.05", "2.05")


def test_refusals():
    with pytest.raises(ValueError, match=r"side is out of range: .* at least 2, got 1"):
        manifold_nodes(1)
    with pytest.raises(ValueError, match=r"images has the wrong length: expected 9 .* got 8"):
        manifold(np.zeros((8, 4, 4)), 3)
    with pytest.raises(ValueError, match="images holds NaN or infinity"):
        manifold(np.full((4, 4, 4), np.nan), 2)


def test_under_another_prior_each_latent_has_its_own_steps(assert_legible, all_text):
    prior = np.random.default_rng(0).normal(size=(40_000, 2)) * [1, 0.1] + [5, -2]
    nodes = manifold_nodes(5, prior).reshape(5, 5, 2)
    expected = norm.ppf(np.linspace(0.02, 0.98, 5))
    np.testing.assert_allclose(nodes[0, :, 0], 5 + expected, atol=0.05)
    np.testing.assert_allclose(nodes[:, 0, 1], -2 + 0.1 * expected[::-1], atol=0.005)
    figure = manifold(np.zeros((25, 6, 6)), 5, prior=prior)
    assert_legible(figure)
    (axes,) = figure.axes
    across = [float(label.get_text()) for label in axes.get_xticklabels()]
    np.testing.assert_allclose(across, nodes[0, :, 0], atol=0.006)
    up = [float(label.get_text()) for label in axes.get_yticklabels()]
    np.testing.assert_allclose(up, nodes[:, 0, 1], atol=0.006)
    assert "under each latent's prior" in all_text(figure)
