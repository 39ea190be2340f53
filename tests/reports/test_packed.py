import base64
import io

import numpy as np
import pytest
from PIL import Image

from keras_vae.reports.packed import packed, sprite


def unpacked(found):
    data = np.frombuffer(base64.b64decode(found["data"]), np.dtype(found["dtype"]))
    return data.reshape(found["shape"])


@pytest.mark.parametrize("dtype", ["float16", "float32", "int32", "uint8"])
def test_an_array_comes_back(dtype):
    array = np.arange(6).reshape(2, 3)
    found = packed(array, dtype)
    assert found["dtype"] == dtype
    np.testing.assert_array_equal(unpacked(found), array)


def test_what_float16_does_not_hold_is_its_largest_number():
    np.testing.assert_array_equal(unpacked(packed([1e9, -1e9], "float16")), [65504, -65504])


def test_the_page_reads_float16_and_float32_as_numpy_does(decoded_by_page):
    numbers = np.array([0, 1, -2.5, 1e-7, 6e-5, 65504, 0.1, -3e-4], "float32")
    for dtype in ("float16", "float32"):
        given = [packed(np.ones(8), "float32"), packed(numbers, dtype)]
        step = {"op": "scaled", "of": [0], "weights": [0, 1], "options": {}}
        read = decoded_by_page({"steps": [step], "inputs": 1, "weights": given}, np.zeros((1, 8)))
        np.testing.assert_array_equal(read[0], numbers.astype(dtype).astype("float64"))


def pixels(found):
    data = found["url"].removeprefix("data:image/png;base64,")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))


@pytest.mark.parametrize("channels", [(), (1,), (3,)])
def test_images_stand_row_by_row_in_one_picture(channels):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (5, 4, 6, *channels)) / 255
    found = sprite(images, 0.0, 1.0)
    assert (found["columns"], found["count"]) == (3, 5)
    whole = pixels(found)
    assert whole.shape[:2] == (2 * 4, 3 * 6)
    fifth = whole[4:8, 6:12]
    np.testing.assert_array_equal(fifth, np.round(255 * images[4]).reshape(fifth.shape))


def test_black_and_white_take_a_bit_and_the_range_is_what_is_said():
    images = np.where(np.random.default_rng(0).random((4, 8, 8)) < 0.5, -1.0, 3.0)
    whole = pixels(sprite(images, -1.0, 3.0))
    assert whole.dtype == bool
    np.testing.assert_array_equal(whole[:8, :8], images[0] > 0)
