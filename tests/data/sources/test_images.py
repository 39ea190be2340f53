import io
import struct

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_vae.data.sources.images import decode_image, kind_of
from keras_vae.errors import DataError

SUFFIXES = {
    "BMP": ".bmp",
    "GIF": ".gif",
    "JPEG": ".jpg",
    "PNG": ".png",
    "PPM": ".pgm",
    "TIFF": ".tif",
    "WEBP": ".webp",
}
MODES = (
    "1", "L", "LA", "P", "PA", "RGB", "RGBX", "RGBA", "CMYK", "YCbCr", "LAB", "I", "I;16",
    "I;16B", "F",
)  # fmt: skip
# two halves of one colour each, so that no format loses much of them
COLOURS = np.uint8([[200, 40, 90], [10, 150, 220]])
GRAY = COLOURS @ np.array([0.299, 0.587, 0.114])
ALPHA = np.uint8([255, 0])


def halves(left, right):
    x = np.empty((16, 32, *np.shape(left)), np.asarray(left).dtype)
    x[:, :16], x[:, 16:] = left, right
    return x


def made(mode):
    """The picture in one of Pillow's modes."""
    rgb = Image.fromarray(halves(*COLOURS))
    gray = np.rint(halves(*GRAY))
    if mode == "1":
        return Image.fromarray(gray > 100)
    if mode in ("I", "F"):
        return Image.fromarray(gray.astype("int32" if mode == "I" else "float32"))
    if mode.startswith("I;16"):
        image = Image.fromarray(gray.astype("uint16"))
        return image if mode == "I;16" else image.convert(mode)
    if mode == "LAB":
        return Image.new("LAB", (32, 16), (100, 20, 30))
    if mode in ("P", "PA"):
        rgb = rgb.quantize(16)
    image = rgb.convert(mode)
    if mode.endswith("A"):
        image.putalpha(Image.fromarray(halves(*ALPHA)))
    return image


def written():
    """Every pair of a listed format and a mode that Pillow writes in it."""
    for name in SUFFIXES:
        for mode in MODES:
            buffer = io.BytesIO()
            try:
                made(mode).save(buffer, name)
            except (OSError, ValueError):
                continue
            yield pytest.param(name, mode, buffer.getvalue(), id=f"{name}-{mode}")


@pytest.mark.parametrize(("name", "mode", "content"), list(written()))
def test_each_mode_that_pillow_writes_is_read_as_it_is_or_named(tmp_path, name, mode, content):
    path = tmp_path / f"x{SUFFIXES[name]}"
    path.write_bytes(content)
    if mode == "LAB" and name == "TIFF":
        with pytest.raises(DataError, match=rf"{path.name}: has Pillow's mode LAB"):
            decode_image(path)
        return
    if mode == "LAB":
        return  # Pillow turns it to RGB when it writes
    has_alpha = mode.endswith("A") and name != "PPM" and (name, mode) != ("GIF", "LA")
    if has_alpha:
        with pytest.raises(DataError, match=rf"{path.name}: has transparent pixels.*--alpha"):
            decode_image(path)
    x = decode_image(path, alpha="white" if has_alpha else None)
    is_16_bits = (mode.startswith("I;16") and name in ("PNG", "TIFF", "PPM")) or (name, mode) == (
        "PPM", "I",
    )  # fmt: skip
    is_real = mode in ("I", "F") and name in ("TIFF", "PPM") and not is_16_bits
    assert x.dtype == ("uint16" if is_16_bits else "float32" if is_real else "uint8")
    is_gray = mode in ("1", "L", "LA", "I", "F", "I;16", "I;16B")
    expected = halves(*GRAY)[..., None] if is_gray else halves(*COLOURS)
    if mode == "1":
        expected = 255.0 * (halves(*GRAY) > 100)[..., None]
    if has_alpha:
        expected = np.where(halves(*ALPHA)[..., None] == 0, 255, expected)
    is_lossy = name in ("JPEG", "WEBP") or mode in ("CMYK", "YCbCr")
    assert x.shape[2] == (1 if is_gray and name not in ("GIF", "WEBP") else 3)
    # the two halves, away from the edge between them
    for columns in (slice(0, 12), slice(20, 32)):
        difference = x[:, columns].astype("float64") - expected[:, columns]
        assert np.abs(difference).max() <= (8 if is_lossy else 0.51)


@pytest.mark.parametrize(("alpha", "background"), [("white", 255), ("black", 0)])
def test_half_transparent_pixels_are_mixed_with_what_is_chosen(tmp_path, alpha, background):
    colours, opacity = np.uint8([10, 100, 250]), 51  # a fifth
    Image.fromarray(np.tile(np.uint8([*colours, opacity]), (4, 5, 1))).save(tmp_path / "x.png")
    x = decode_image(tmp_path / "x.png", alpha=alpha)
    np.testing.assert_array_equal(x[0, 0], np.rint(0.2 * colours + 0.8 * background))


def test_a_shape_that_lies_in_alpha_is_kept_as_a_channel(tmp_path):
    sprite = np.zeros((4, 5, 4), "uint8")
    sprite[1:3, 1:3, 3] = 200
    Image.fromarray(sprite).save(tmp_path / "x.png")
    np.testing.assert_array_equal(decode_image(tmp_path / "x.png", alpha="keep"), sprite)
    Image.fromarray(sprite[..., :3]).save(tmp_path / "opaque.png")
    opaque = decode_image(tmp_path / "opaque.png", alpha="keep")
    assert (opaque.shape, opaque[..., 3].min()) == ((4, 5, 4), 255)


@pytest.mark.parametrize("mode", ["L", "RGB", "P"])
def test_a_transparent_colour_of_a_png_is_transparency(tmp_path, mode):
    image = made(mode)
    hidden = image.getpixel((0, 0))
    image.save(tmp_path / "x.png", transparency=hidden)
    with pytest.raises(DataError, match="transparent pixels"):
        decode_image(tmp_path / "x.png")
    assert (decode_image(tmp_path / "x.png", alpha="black")[:, :16] == 0).all()


def test_opaque_alpha_holds_nothing_and_is_dropped(tmp_path):
    image = made("RGB")
    image.putalpha(255)
    image.save(tmp_path / "x.png")
    np.testing.assert_array_equal(decode_image(tmp_path / "x.png"), halves(*COLOURS))


@pytest.mark.parametrize("channels", [1, 3])
def test_a_png_of_16_bits_keeps_all_of_them(tmp_path, channels):
    x = np.random.default_rng(0).integers(0, 2**16, (6, 5, channels)).astype("uint16")
    (tmp_path / "x.png").write_bytes(tf.io.encode_png(x).numpy())
    np.testing.assert_array_equal(decode_image(tmp_path / "x.png"), x)


def test_colours_of_16_bits_that_pillow_would_halve_are_named(tmp_path):
    x = np.random.default_rng(0).integers(0, 2**16, (4, 5, 3)).astype("uint16")
    (tmp_path / "x.ppm").write_bytes(b"P6\n5 4\n65535\n" + x.astype(">u2").tobytes())
    with pytest.raises(DataError, match=r"x\.ppm: has colours of 16 bits.*PPM"):
        decode_image(tmp_path / "x.ppm")


@pytest.mark.parametrize("suffix", [".gif", ".tif", ".webp", ".png"])
def test_a_film_or_several_pages_are_named(tmp_path, suffix):
    frames = [Image.fromarray(np.full((6, 5), level, "uint8")) for level in (0, 255)]
    frames[0].save(tmp_path / f"x{suffix}", save_all=True, append_images=frames[1:])
    with pytest.raises(DataError, match=rf"x\{suffix}: holds 2 frames or pages"):
        decode_image(tmp_path / f"x{suffix}")


def test_a_photograph_is_turned_as_its_exif_data_say(tmp_path):
    x = np.random.default_rng(0).integers(0, 256, (6, 5), dtype="uint8")
    exif = Image.Exif()
    exif[0x0112] = 6  # shown rightly when turned by 90 degrees clockwise
    Image.fromarray(x).save(tmp_path / "x.png", exif=exif)
    np.testing.assert_array_equal(decode_image(tmp_path / "x.png")[..., 0], np.rot90(x, -1))


def test_gray_is_the_luma_of_the_colours(tmp_path):
    x = np.random.default_rng(0).integers(0, 256, (6, 5, 3), dtype="uint8")
    Image.fromarray(x).save(tmp_path / "x.png")
    gray = decode_image(tmp_path / "x.png", gray=True)
    expected = np.asarray(Image.fromarray(x).convert("L"), int)
    assert gray.shape == (6, 5, 1)
    assert np.abs(gray[..., 0] - expected).max() <= 1  # Pillow's rounding is another
    Image.fromarray(np.repeat(x[..., :1], 3, axis=2)).save(tmp_path / "x.png")
    np.testing.assert_array_equal(decode_image(tmp_path / "x.png", gray=True), x[..., :1])


def test_resizing_takes_the_middle_square_as_pillow_resizes_it(tmp_path):
    x = np.full((8, 20, 3), 7, "uint8")
    x[:, 6:14] = np.random.default_rng(0).integers(0, 256, (8, 8, 3))
    Image.fromarray(x).save(tmp_path / "x.png")
    small = decode_image(tmp_path / "x.png", size=1)
    assert small.shape == (1, 1, 3)
    for c in range(3):
        square = Image.fromarray(x[:, 6:14, c])
        expected = np.asarray(square.resize((1, 1), Image.BILINEAR), int)[0, 0]
        assert abs(int(small[0, 0, c]) - expected) <= 1
    assert decode_image(tmp_path / "x.png", size=3, gray=True).shape == (3, 3, 1)


def test_a_bmp_whose_fourth_byte_is_not_used_has_no_alpha(tmp_path):
    made("RGBA").save(tmp_path / "x.bmp")
    content = bytearray((tmp_path / "x.bmp").read_bytes())
    (first,) = struct.unpack_from("<I", content, 10)
    content[first + 3 :: 4] = bytes(len(content[first + 3 :: 4]))
    (tmp_path / "x.bmp").write_bytes(content)
    np.testing.assert_array_equal(decode_image(tmp_path / "x.bmp"), halves(*COLOURS))


def test_the_kind_of_an_image_tells_size_colours_and_depth():
    assert kind_of(np.zeros((6, 5, 1), "uint8")) == "6x5, gray"
    assert kind_of(np.zeros((6, 5, 4), "uint16")) == "6x5, colour with alpha, 16 bits"
    assert kind_of(np.zeros((6, 5, 1), "float32")) == "6x5, gray, real numbers"
