import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_vae.export.images import decode_images, image_channels
from keras_vae.traced import traced


def encoded(pixels, kind="PNG", **options):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def decode(files, shape, binarization="none", seeds=None):
    seeds = np.zeros(len(files), "int64") if seeds is None else np.asarray(seeds, "int64")
    return decode_images(tf.constant(files), shape, binarization, tf.constant(seeds)).numpy()


@pytest.fixture
def gray():
    return np.random.default_rng(0).integers(0, 256, (6, 9), dtype="uint8")


@pytest.fixture
def colour():
    # Smooth, as JPEG likes it
    rows, columns = np.mgrid[:16, :24]
    return np.stack([rows * 15, columns * 10, 255 - rows * 9], -1).astype("uint8")


@pytest.mark.parametrize(
    ("event_shape", "channels"),
    [((28, 28), 1), ((8, 9, 1), 1), ((8, 9, 3), 3), ((8, 9, 4), 4),
     ((8, 9, 2), None), ((784,), None), ((3, 28), None), ((28, 3), None), ((4, 5, 6, 1), None)],
)  # fmt: skip
def test_only_shapes_of_gray_and_colour_pictures_are_images(event_shape, channels):
    assert image_channels(event_shape) == channels


@pytest.mark.parametrize("shape", [(6, 9), (6, 9, 1)])
def test_gray_levels_of_a_png_are_fractions_of_255(gray, shape):
    x = decode([encoded(gray), encoded(255 - gray)], shape)
    assert x.dtype == "float32"
    np.testing.assert_array_equal(x[0], (gray / np.float32(255)).reshape(shape))
    np.testing.assert_array_equal(x[1], ((255 - gray) / np.float32(255)).reshape(shape))


def test_colours_stay_in_their_channels(colour):
    np.testing.assert_array_equal(
        decode([encoded(colour)], (16, 24, 3))[0], colour / np.float32(255)
    )


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_colours_become_gray_where_the_model_takes_gray(colour, kind):
    options = {"quality": 100, "subsampling": 0} if kind == "JPEG" else {}
    luminance = np.asarray(Image.fromarray(colour).convert("L")) / 255
    x = decode([encoded(colour, kind, **options)], (16, 24))
    np.testing.assert_allclose(x[0], luminance, atol=4 / 255)


def test_a_jpeg_is_decoded_as_pillow_decodes_it(colour):
    file = encoded(colour, "JPEG", quality=100, subsampling=0)
    expected = np.asarray(Image.open(io.BytesIO(file))) / 255
    # TensorFlow's default is the fast cosine transform, Pillow's the accurate one.
    np.testing.assert_allclose(decode([file], (16, 24, 3))[0], expected, atol=8 / 255)


def test_a_threshold_cuts_above_one_half(gray):
    x = decode([encoded(gray)], (6, 9), "threshold")
    np.testing.assert_array_equal(x[0], gray / 255 > 0.5)


@pytest.mark.parametrize("binarization", ["dynamic", "static"])
def test_drawn_pixels_have_the_gray_level_as_their_mean(gray, binarization):
    count = 500
    # as a graph, which takes the rows in one loop
    x = traced(decode_images)(
        tf.constant([encoded(gray)] * count), (6, 9), binarization, tf.range(count, dtype="int64")
    ).numpy()
    assert set(np.unique(x)) == {0, 1}
    level = gray / 255
    error = np.sqrt(level * (1 - level) / count)
    assert (np.abs(x.mean(axis=0) - level) <= 4.5 * error).all()


def test_drawn_pixels_depend_on_the_seed_of_their_own_row_alone(gray):
    file, other = encoded(gray), encoded(255 - gray)
    x = decode([file, file, other, file], (6, 9), "dynamic", [3, 4, 5, 3])
    assert (x[0] != x[1]).any()
    np.testing.assert_array_equal(x[0], x[3])
    np.testing.assert_array_equal(x[1:2], decode([file], (6, 9), "dynamic", [4]))


def test_pixels_of_one_image_are_drawn_apart():
    half = encoded(np.full((40, 40), 128, "uint8"))
    x = decode([half], (40, 40), "dynamic", [1])[0]
    assert abs(x.mean() - 128 / 255) < 4 * 0.5 / 40
    # neighbours agree half of the time
    assert abs((x[1:] == x[:-1]).mean() - 0.5) < 4 * 0.5 / 39


def test_an_image_of_another_size_is_refused_not_resized(gray):
    for height, width in ((9, 6), (6, 10), (7, 9), (12, 18)):
        message = f"the model takes images of {height} x {width} pixels"
        with pytest.raises(tf.errors.InvalidArgumentError, match=message):
            decode([encoded(gray)], (height, width))


def test_what_is_no_image_is_refused(gray):
    with pytest.raises(tf.errors.InvalidArgumentError):
        decode([encoded(gray), b"no image"], (6, 9))
