import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from keras_vae.data.sources.files import read_path
from keras_vae.data.sources.image_files import ImageFiles
from keras_vae.errors import DataError


def noise(count, *shape):
    return np.random.default_rng(1).integers(0, 256, (count, *shape), dtype="uint8")


def decoded(source, rows):
    """The images of the given rows, as the stream decodes them."""
    rows = np.asarray(rows)
    batch = tf.data.Dataset.from_tensors((rows, source.read(rows)))
    got, images = source.decode(batch).get_single_element()
    np.testing.assert_array_equal(got, rows)
    return images.numpy()


def refusal(folder):
    with pytest.raises(DataError) as caught:
        ImageFiles(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def diagnosis(folder):
    """What is said of images that turn out to be wrong when they are decoded."""
    source = ImageFiles(folder)
    rows = np.arange(source.count)
    with pytest.raises((tf.errors.OpError, UnicodeDecodeError)):
        decoded(source, rows)
    with pytest.raises(DataError) as caught:
        source.diagnose(rows)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("shape", [(6, 5), (6, 5, 3)])
def test_images_come_in_the_order_of_their_names_as_they_were_saved(tmp_path, write_images, shape):
    images = noise(12, *shape)
    source = ImageFiles(write_images(tmp_path, images))
    assert (source.count, source.event_shape) == (12, (6, 5, shape[2] if shape[2:] else 1))
    np.testing.assert_array_equal(
        decoded(source, [7, 0, 11]), images[[7, 0, 11]].reshape(3, 6, 5, -1)
    )
    assert source.describe(7) == str(tmp_path / "007.png")
    assert source.class_names is None


def test_class_folders_give_the_names_and_labels_that_loading_whole_gives(tmp_path, write_images):
    for number, name in enumerate(["pear", "apple", "fig"]):
        write_images(tmp_path / name, noise(4 + number, 6, 5))
    write_images(tmp_path / "fig" / "deeper", noise(3, 6, 5))
    source, whole = ImageFiles(tmp_path), read_path(tmp_path)
    rows = np.arange(source.count)
    assert source.class_names == whole.class_names == ("apple", "fig", "pear")
    np.testing.assert_array_equal(source.labels(rows), whole.labels)
    np.testing.assert_array_equal(decoded(source, rows), whole.x)
    np.testing.assert_array_equal(source.labels(np.array([17, 0])), [2, 0])


def test_hidden_and_other_files_are_skipped(tmp_path, write_images):
    write_images(tmp_path, noise(3, 6, 5))
    write_images(tmp_path / ".cache", noise(3, 9, 9))
    write_images(tmp_path, noise(1, 9, 9))  # 000.png
    (tmp_path / "000.png").rename(tmp_path / ".000.png")
    (tmp_path / "notes.txt").write_text("no image")
    (tmp_path / "folder.png").mkdir()
    source = ImageFiles(tmp_path)
    assert [source.describe(row)[-7:] for row in range(source.count)] == ["001.png", "002.png"]


def test_names_that_are_not_ascii_are_found_again(tmp_path, write_images):
    write_images(tmp_path / "Äpfel", noise(3, 6, 5))
    source = ImageFiles(tmp_path)
    assert source.class_names == ("Äpfel",)
    np.testing.assert_array_equal(decoded(source, [2])[0, :, :, 0], noise(3, 6, 5)[2])


# mode and format of one image in a folder of others, and how those are
@pytest.mark.parametrize(
    ("mode", "suffix", "folder"),
    [
        ("1", ".png", "L"),
        ("LA", ".png", "L"),
        ("L", ".jpg", "L"),
        ("P", ".png", "RGB"),
        ("RGBA", ".png", "RGB"),
        ("CMYK", ".jpg", "RGB"),
        ("RGB", ".gif", "RGB"),
        ("RGB", ".bmp", "RGB"),
        ("RGBA", ".bmp", "RGB"),
        ("L", ".bmp", "L"),
        ("L", ".tif", "L"),
        ("L", ".pgm", "L"),
        ("CMYK", ".tif", "RGB"),
        ("RGB", ".webp", "RGB"),
    ],
)
def test_each_kind_of_image_is_decoded_as_it_is_when_loaded_whole(
    tmp_path, write_images, mode, suffix, folder
):
    others = [np.asarray(Image.fromarray(image).convert(folder)) for image in noise(3, 8, 6, 3)]
    write_images(tmp_path, others)
    Image.fromarray(noise(1, 8, 6, 3)[0]).convert(mode).save(tmp_path / f"003{suffix}")
    np.testing.assert_array_equal(decoded(ImageFiles(tmp_path), range(4)), read_path(tmp_path).x)


@pytest.mark.parametrize(
    ("odd", "others"),
    [
        (noise(1, 5, 6), noise(3, 6, 5)),
        (noise(1, 1, 1), noise(3, 6, 5)),
        (noise(1, 6, 5, 3), noise(3, 6, 5)),
        (noise(1, 6, 5), noise(3, 6, 5, 3)),
        (noise(1, 1, 1, 3), noise(3, 6, 5, 3)),
        (noise(1, 6, 5).astype("uint16") * 200, noise(3, 6, 5)),
        (noise(1, 6, 5).astype("uint16") * 200, noise(3, 6, 5, 3)),
        (noise(1, 6, 5, 4), noise(3, 6, 5, 3)),
    ],
)
def test_an_image_unlike_the_first_is_refused_in_the_words_of_loading_whole(
    tmp_path, write_images, odd, others
):
    write_images(tmp_path / "odd", odd)
    write_images(tmp_path / "all", others)
    (tmp_path / "odd" / "000.png").rename(tmp_path / "all" / "003.png")
    with pytest.raises(DataError) as whole:
        read_path(tmp_path / "all")
    assert diagnosis(tmp_path / "all") == str(whole.value)


def test_a_colour_format_in_a_gray_folder_is_refused(tmp_path, write_images):
    write_images(tmp_path, noise(3, 6, 5))
    Image.fromarray(noise(1, 6, 5)[0]).save(tmp_path / "003.gif")
    assert "003.gif" in diagnosis(tmp_path)


@pytest.mark.parametrize("chosen", ["tRNS", "eXIf"])
def test_a_png_that_is_more_than_its_pixels_is_not_decoded_as_a_plain_one(tmp_path, chosen):
    x = noise(2, 5, 5)
    exif = Image.Exif()
    exif[0x0112] = 6
    more = {"transparency": 7} if chosen == "tRNS" else {"exif": exif}
    Image.fromarray(x[0]).save(tmp_path / "000.png")
    Image.fromarray(x[1]).save(tmp_path / "001.png", **more)
    if chosen == "tRNS":
        x[1, 2, 2] = 7
        Image.fromarray(x[1]).save(tmp_path / "001.png", **more)
        assert "transparent pixels" in diagnosis(tmp_path)
    else:
        images = decoded(ImageFiles(tmp_path), range(2))[..., 0]
        np.testing.assert_array_equal(images, [x[0], np.rot90(x[1], -1)])


@pytest.mark.parametrize(
    "options", [{"size": 4}, {"gray": True}, {"alpha": "white"}, {"alpha": "keep"}]
)
def test_what_is_chosen_is_done_alike_when_streamed(tmp_path, write_images, options):
    write_images(tmp_path, noise(4, 8, 6, 4))
    options = {"alpha": "black", **options}
    source = ImageFiles(tmp_path, **options)
    np.testing.assert_array_equal(decoded(source, range(4)), read_path(tmp_path, options).x)
    assert source.event_shape == decoded(source, [0])[0].shape


def test_levels_of_16_bits_are_streamed_as_they_are(tmp_path, write_images):
    x = noise(4, 6, 5).astype("uint16") * 200
    source = ImageFiles(write_images(tmp_path, x))
    assert source.dtype == "uint16"
    np.testing.assert_array_equal(decoded(source, range(4))[..., 0], x)


@pytest.mark.parametrize(("largest", "is_told"), [(4095, True), (4096, False)])
def test_levels_that_fill_12_of_16_bits_are_told(tmp_path, write_images, largest, is_told):
    x = noise(4, 6, 5).astype("uint16") % 2
    x[2, 1, 1] = largest
    source = read_path(write_images(tmp_path, x))
    assert ["4095" in line for line in source.warnings] == [True] * is_told


@pytest.mark.parametrize("content", [b"", b"this is not an image", b"\x89PNG\r\n\x1a\n"])
def test_a_file_that_only_pretends_to_be_an_image_is_named(tmp_path, write_images, content):
    write_images(tmp_path, noise(4, 6, 5))
    (tmp_path / "002.png").write_bytes(content)
    assert diagnosis(tmp_path).startswith(f"{tmp_path / '002.png'}: not an image")


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_an_image_that_is_cut_short_is_named(tmp_path, write_images, suffix):
    write_images(tmp_path, noise(4, 64, 64), suffix)
    path = tmp_path / f"002{suffix}"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert diagnosis(tmp_path).startswith(f"{path}: cannot be decoded, perhaps cut short")


def test_an_image_that_vanished_is_named(tmp_path, write_images):
    source = ImageFiles(write_images(tmp_path, noise(4, 6, 5)))
    (tmp_path / "002.png").unlink()
    with pytest.raises(tf.errors.OpError):
        decoded(source, range(4))
    with pytest.raises(DataError, match=r"002\.png: is no longer there; put it back"):
        source.diagnose(np.arange(4))


def test_a_folder_is_refused_in_the_words_of_loading_whole(tmp_path, write_images):
    def words():
        with pytest.raises(DataError) as whole:
            read_path(tmp_path)
        return str(whole.value)

    assert refusal(tmp_path) == words()
    write_images(tmp_path / "class", noise(3, 6, 5))
    write_images(tmp_path, noise(3, 6, 5))
    assert refusal(tmp_path) == words()


def test_the_names_take_one_compact_array(tmp_path, write_images):
    source = ImageFiles(write_images(tmp_path, noise(12, 6, 5)))
    assert source._names._names.nbytes == 12 * len("000.png")
