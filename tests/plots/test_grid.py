import numpy as np
import pytest

from keras_vae.plots import draw_grid, mosaic, new_figure
from keras_vae.plots.grid import cell_aspect, grid_figure, grid_size


@pytest.mark.parametrize("channels", [(), (1,), (3,)])
@pytest.mark.parametrize("margin", [0, 2])
def test_mosaic_places_image_k_in_row_and_column(channels, margin):
    images = np.random.default_rng(0).random((7, 4, 5, *channels))
    large = mosaic(images, columns=3, margin=margin, fill=9)
    height, width = 4 + 2 * margin, 5 + 2 * margin
    assert large.shape == (3 * height, 3 * width, *channels)
    for k, image in enumerate(images):
        top, left = k // 3 * height + margin, k % 3 * width + margin
        np.testing.assert_array_equal(large[top : top + 4, left : left + 5], image)
    assert (large == 9).sum() == large.size - images.size


def test_images_are_one_artist_in_unit_cells():
    images = np.random.default_rng(0).random((400, 8, 6))
    axes = new_figure(5, 5).add_subplot()
    draw_grid(axes, images, 20, 0, 1, margin=0)
    (image,) = axes.images
    np.testing.assert_array_equal(image.get_array(), mosaic(images, 20))
    assert list(image.get_extent()) == [0, 20, 20, 0]
    assert axes.get_aspect() == pytest.approx(8 / 6)


def test_margins_are_white():
    axes = new_figure(5, 5).add_subplot()
    draw_grid(axes, np.zeros((3, 4, 4)), 2, -1, 2, margin=1)
    shown = axes.images[0].get_array()
    assert shown[0, 0] == 2
    assert (shown[6:, 6:] == 2).all()


def test_vectors_are_lines_in_their_cells_with_large_values_up():
    vectors = np.tile(np.linspace(-1, 1, 9), (5, 1))
    axes = new_figure(5, 5).add_subplot()
    draw_grid(axes, vectors, 3, -1, 1)
    lines = axes.collections[-1].get_segments()
    assert len(lines) == 5
    for k, line in enumerate(lines):
        np.testing.assert_array_equal(np.floor(line), [[k % 3, k // 3]] * 9)
    bottom, top = axes.get_ylim()
    assert bottom > top
    assert (np.diff(lines[0][:, 1]) < 0).all()


def test_a_single_value_is_a_level():
    axes = new_figure(5, 5).add_subplot()
    draw_grid(axes, np.array([[0.0], [1.0]]), 2, 0, 1)
    low, high = axes.collections[-1].get_segments()
    assert len(low) == 2
    assert low[0, 1] == low[1, 1] > high[0, 1]


def test_narrow_images_keep_visible_cells():
    assert cell_aspect((28, 28)) == 1
    assert cell_aspect((4, 400)) == pytest.approx(1 / 3)
    assert cell_aspect((400, 4, 3)) == 3


@pytest.mark.parametrize("event_shape", [(28, 28), (4, 400), (400, 4), (50,)])
def test_rows_have_room_for_their_labels(event_shape):
    _, height = grid_size(128, 11, event_shape)
    assert height / 128 >= 0.2 - 1e-9


def test_grid_figure_labels_the_middle_of_the_cells(assert_legible):
    images = np.random.default_rng(0).random((33, 8, 8))
    figure, axes = grid_figure(images, 11, "A title", ["a", "b", "c"], list("ABCDEFGHIJK"))
    assert_legible(figure)
    assert axes.get_yticks().tolist() == [0.5, 1.5, 2.5]
    assert axes.get_xticks().tolist() == [k + 0.5 for k in range(11)]
    assert [label.get_text() for label in axes.get_xticklabels()] == list("ABCDEFGHIJK")
    assert figure.get_suptitle() == "A title"
