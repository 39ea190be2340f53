import numpy as np
import pytest

from keras_vae.plots import samples


@pytest.mark.parametrize("event_shape", [(8, 8), (8, 8, 1), (8, 8, 3), (12,), (6, 2), ()])
@pytest.mark.parametrize("count", [1, 14])
def test_any_event_shape_is_legible_and_says_what_it_is(
    event_shape, count, assert_legible, all_text
):
    figure = samples(np.random.default_rng(0).random((count, *event_shape)))
    assert_legible(figure)
    assert "Means of p(x|z) for z drawn from the prior" in all_text(figure)


def test_a_note_is_a_second_line_of_the_title(assert_legible, all_text):
    figure = samples(np.zeros((1, 8, 8)), "given the condition of one example after the other")
    assert_legible(figure)
    assert "\ngiven the condition of one example after the other" in all_text(figure)


def test_images_keep_their_order():
    images = np.random.default_rng(0).random((14, 8, 8))
    shown = samples(images).axes[0].images[0].get_array()
    for k, image in enumerate(images):
        top, left = k // 4 * 10 + 1, k % 4 * 10 + 1
        np.testing.assert_array_equal(shown[top : top + 8, left : left + 8], image)


def test_values_outside_0_and_1_share_a_scale_that_is_told(all_text):
    images = np.linspace(-2, 2, 4 * 64).reshape(4, 8, 8)
    figure = samples(images)
    assert figure.axes[0].images[0].get_clim() == (-2, 2)
    assert "Black is -2, white is 2." in all_text(figure)


def test_refusals():
    with pytest.raises(ValueError, match="images holds NaN or infinity"):
        samples(np.full((4, 8, 8), np.nan))
    with pytest.raises(ValueError, match="images is empty"):
        samples(np.zeros((0, 8, 8)))
