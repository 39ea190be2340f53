import numpy as np
import pytest

from keras_vae.plots import draw_example, is_image, new_figure
from keras_vae.plots.example import display_range, range_note


@pytest.mark.parametrize("shape", [(4, 4), (28, 28), (28, 28, 1), (32, 32, 3), (8, 8, 4)])
def test_shapes_of_images(shape):
    assert is_image(shape)


@pytest.mark.parametrize("shape", [(), (784,), (100, 3), (3, 100), (8, 8, 2), (2, 8, 8, 3)])
def test_shapes_of_everything_else(shape):
    assert not is_image(shape)


def test_images_within_0_and_1_are_shown_on_that_scale():
    assert display_range(np.full((2, 8, 8), 0.3)) == (0, 1)
    assert range_note((8, 8), 0, 1) == ""


def test_other_values_share_their_own_scale():
    images = np.linspace(-1, 1, 128).reshape(2, 8, 8)
    assert display_range(images) == (-1, 1)
    assert range_note((8, 8), -1, 1) == "Black is -1, white is 1."
    vectors = np.array([[0.25, 0.5], [0.5, 0.75]])
    assert display_range(vectors) == (0.25, 0.75)
    assert range_note((2,), 0.25, 0.75) == "Every cell spans the values 0.25 to 0.75."


def test_a_constant_has_a_scale_too():
    low, high = display_range(np.full((2, 5), 7.0))
    assert low < 7 < high


@pytest.mark.parametrize("shape", [(6, 5), (6, 5, 1)])
def test_a_gray_image_is_drawn_as_it_is(shape):
    x = np.random.default_rng(0).random(shape)
    axes = new_figure(3, 3).add_subplot()
    draw_example(axes, x, 0, 1)
    (image,) = axes.images
    np.testing.assert_array_equal(image.get_array(), x.reshape(6, 5))
    assert image.get_clim() == (0, 1)
    assert image.get_cmap().name == "gray"
    assert image.get_interpolation() == "nearest"


def test_a_colour_image_is_brought_to_0_and_1():
    x = np.linspace(-1, 3, 6 * 5 * 3).reshape(6, 5, 3)
    axes = new_figure(3, 3).add_subplot()
    draw_example(axes, x, -1, 3)
    np.testing.assert_allclose(axes.images[0].get_array(), (x + 1) / 4)


@pytest.mark.parametrize("shape", [(12,), (6, 2)])
def test_everything_else_is_a_line(shape):
    x = np.arange(12.0).reshape(shape)
    axes = new_figure(3, 3).add_subplot()
    draw_example(axes, x, -2, 20)
    (line,) = axes.lines
    np.testing.assert_array_equal(line.get_ydata(), np.arange(12))
    assert axes.get_ylim() == (-2, 20)


def test_a_single_value_is_visible():
    axes = new_figure(3, 3).add_subplot()
    draw_example(axes, [0.5], 0, 1)
    assert axes.lines[0].get_marker() == "."


def test_refusals():
    axes = new_figure(3, 3).add_subplot()
    with pytest.raises(ValueError, match="x holds NaN or infinity"):
        draw_example(axes, [0, np.nan], 0, 1)
    with pytest.raises(ValueError, match="expected low < high, got low=1 and high=1"):
        draw_example(axes, [0.0], 1, 1)
