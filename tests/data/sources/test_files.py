import io
import os
import pickle

import numpy as np
import pytest
from scipy import sparse

from keras_vae.data import load_data, load_numpy
from keras_vae.data.sources.files import read_path
from keras_vae.errors import DataError


class Harmful:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


def npy_bytes(x):
    buffer = io.BytesIO()
    np.save(buffer, x)
    return buffer.getvalue()


def npz_bytes(x, save=np.savez):
    buffer = io.BytesIO()
    save(buffer, x=x)
    return buffer.getvalue()


def noise(count, *shape):
    rng = np.random.default_rng(1)
    return [rng.integers(0, 256, shape, dtype="uint8") for _ in range(count)]


# ---- arrays ------------------------------------------------------------------------------


def test_an_npz_in_keras_layout_gives_its_training_and_test_arrays(npz, x):
    y = np.arange(30)
    source = read_path(npz(x_train=x, y_train=y, x_test=x[:5] + 1, y_test=y[:5] + 1))
    np.testing.assert_array_equal(source.x, x)
    np.testing.assert_array_equal(source.labels, y)
    np.testing.assert_array_equal(source.x_test, x[:5] + 1)
    np.testing.assert_array_equal(source.labels_test, y[:5] + 1)


def test_an_npz_in_keras_layout_needs_no_labels_and_no_test_split(npz, x):
    source = read_path(npz(x_train=x))
    np.testing.assert_array_equal(source.x, x)
    assert (source.labels, source.x_test, source.labels_test) == (None, None, None)


def test_an_npz_with_a_single_x_gives_it_and_its_labels(npz, x):
    source = read_path(npz(x=x, y=np.arange(30)))
    np.testing.assert_array_equal(source.x, x)
    np.testing.assert_array_equal(source.labels, np.arange(30))
    assert source.x_test is None


def test_a_compressed_npz_is_read_as_any_other(tmp_path, x):
    np.savez_compressed(tmp_path / "x.npz", x=x)
    np.testing.assert_array_equal(read_path(tmp_path / "x.npz").x, x)


def test_an_npy_gives_its_array_whatever_its_order_in_memory(tmp_path, x):
    np.save(tmp_path / "x.npy", np.asfortranarray(x))
    source = read_path(tmp_path / "x.npy")
    np.testing.assert_array_equal(source.x, x)
    assert source.labels is None


def test_a_path_may_be_a_string(tmp_path, x):
    np.save(tmp_path / "x.npy", x)
    assert load_data(str(tmp_path / "x.npy")).event_shape == (4, 3)


# ---- images ------------------------------------------------------------------------------


def test_a_folder_of_gray_images_gives_their_pixels_in_the_order_of_their_names(
    tmp_path, write_images
):
    images = noise(12, 6, 5)
    source = read_path(write_images(tmp_path / "gray", images))
    assert source.x.dtype == "uint8"
    np.testing.assert_array_equal(source.x, np.stack(images)[..., None])
    assert (source.labels, source.class_names) == (None, None)


def test_a_folder_of_colour_images_gives_three_channels(tmp_path, write_images):
    images = noise(12, 6, 5, 3)
    source = read_path(write_images(tmp_path / "colour", images))
    np.testing.assert_array_equal(source.x, np.stack(images))


@pytest.mark.parametrize("suffix", [".png", ".PNG", ".bmp"])
def test_colour_images_of_every_lossless_format_keep_their_pixels(tmp_path, write_images, suffix):
    images = noise(3, 6, 5, 3)
    source = read_path(write_images(tmp_path / "images", images, suffix))
    np.testing.assert_array_equal(source.x, np.stack(images))


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg"])
def test_jpegs_keep_their_pixels_nearly(tmp_path, write_images, suffix):
    images = [np.full((8, 8), level, "uint8") for level in (0, 100, 255)]
    source = read_path(write_images(tmp_path / "images", images, suffix))
    np.testing.assert_allclose(source.x[..., 0].astype(int), images, atol=2)


def test_a_gif_keeps_its_gray_levels(tmp_path, write_images):
    images = noise(3, 6, 5)
    source = read_path(write_images(tmp_path / "images", images, ".gif"))
    np.testing.assert_array_equal(source.x[..., 0], np.stack(images))


def test_a_gray_bmp_keeps_its_gray_levels(tmp_path, write_images):
    images = noise(3, 6, 5)
    source = read_path(write_images(tmp_path / "images", images, ".bmp"))
    np.testing.assert_array_equal(source.x[..., 0], np.stack(images))


@pytest.mark.parametrize("channels", [(), (3,)])
def test_class_folders_give_the_labels_and_their_names(tmp_path, write_images, channels):
    cats, dogs = noise(12, 4, 4, *channels), noise(8, 4, 4, *channels)
    write_images(tmp_path / "animals" / "cat", cats)
    write_images(tmp_path / "animals" / "dog", dogs)
    source = read_path(tmp_path / "animals")
    assert source.class_names == ("cat", "dog")
    assert source.labels.tolist() == [0] * 12 + [1] * 8
    expected = np.stack(cats + dogs)
    np.testing.assert_array_equal(source.x.reshape(expected.shape), expected)


def test_a_folder_of_images_is_loaded_in_the_unit_interval_with_its_classes(tmp_path, write_images):
    dark, light = [np.full((4, 4), level, "uint8") for level in (0, 255)]
    write_images(tmp_path / "dark", [dark] * 10)
    write_images(tmp_path / "light", [light] * 10)
    dataset = load_data(tmp_path)
    assert dataset.event_shape == (4, 4, 1)
    assert dataset.class_names == ("dark", "light")
    for split in dataset.splits.values():
        np.testing.assert_array_equal(
            split.x, np.ones((4, 4, 1)) * split.labels[:, None, None, None]
        )


def test_other_files_in_the_folder_are_no_images(tmp_path, write_images):
    folder = write_images(tmp_path / "gray", noise(12, 6, 5))
    (folder / "notes.txt").write_text("taken on a rainy day")
    assert len(read_path(folder).x) == 12


@pytest.mark.parametrize("name", ["notes", ".thumbnails"])
def test_a_folder_without_images_is_no_class(tmp_path, write_images, name):
    folder = write_images(tmp_path / "gray", noise(12, 6, 5))
    (folder / name).mkdir()
    source = read_path(folder)
    assert len(source.x) == 12
    assert source.labels is None


# ---- bad paths ---------------------------------------------------------------------------


def test_a_path_that_is_not_there_is_refused(tmp_path, refusal):
    assert "no such file or folder" in refusal(tmp_path / "nothing.npz")


def test_a_misspelt_name_is_refused_as_a_path(refusal):
    assert "not one of the names mnist5k, mnist" in refusal("mnist5000")


@pytest.mark.parametrize("name", ["table.xlsx", "image.png", "data"])
def test_a_file_of_another_kind_is_refused_with_what_was_expected(tmp_path, refusal, name):
    (tmp_path / name).write_text("1,2,3\n")
    assert ".npz, .npy or a folder of images" in refusal(tmp_path / name)


def test_a_folder_without_images_is_refused_with_the_endings_that_count(tmp_path, refusal):
    (tmp_path / "notes.txt").write_text("nothing here")
    message = refusal(tmp_path)
    assert "no images" in message
    assert ".png" in message


# ---- bad arrays --------------------------------------------------------------------------


def test_a_pickled_npy_is_refused_and_never_unpickled(tmp_path, refusal):
    objects = np.array([Harmful(tmp_path / "harm")] * 12, dtype=object)
    np.save(tmp_path / "x.npy", objects, allow_pickle=True)
    assert "never unpickled" in refusal(tmp_path / "x.npy")
    assert not (tmp_path / "harm").exists()


def test_a_pickled_array_in_an_npz_is_refused_and_never_unpickled(tmp_path, npz, refusal, x):
    objects = np.array([Harmful(tmp_path / "harm")] * 30, dtype=object)
    assert "never unpickled" in refusal(npz(x=x, y=objects))
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize("suffix", [".npy", ".npz"])
def test_a_plain_pickle_is_refused_and_never_unpickled(tmp_path, refusal, suffix):
    path = tmp_path / f"x{suffix}"
    path.write_bytes(pickle.dumps(Harmful(tmp_path / "harm")))
    refusal(path)
    assert not (tmp_path / "harm").exists()


# a file that is left open shows here, or in a later test, as Python's ResourceWarning: an error
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("kept", [0.0, 0.01, 0.05, 0.3, 0.9, 0.99])
def test_an_npz_that_is_cut_short_is_refused(tmp_path, refusal, x, save, kept):
    whole = npz_bytes(x, save)
    (tmp_path / "x.npz").write_bytes(whole[: int(kept * len(whole))])
    refusal(tmp_path / "x.npz")


@pytest.mark.parametrize("kept", [0, 4, 8, 60, 127, 128, 200, -1])
def test_an_npy_that_is_cut_short_is_refused(tmp_path, refusal, x, kept):
    (tmp_path / "x.npy").write_bytes(npy_bytes(x)[:kept])
    refusal(tmp_path / "x.npy")


def test_an_npz_with_a_wrong_bit_in_its_data_is_refused_as_damaged(tmp_path, refusal, x):
    damaged = bytearray(npz_bytes(x))
    damaged[len(damaged) // 2] ^= 1
    (tmp_path / "x.npz").write_bytes(damaged)
    assert "damaged" in refusal(tmp_path / "x.npz")


def test_an_npy_with_a_wrong_header_is_refused(tmp_path, refusal, x):
    (tmp_path / "x.npy").write_bytes(npy_bytes(x).replace(b"'descr'", b"'dascr'"))
    refusal(tmp_path / "x.npy")


def test_an_npy_whose_header_is_left_open_is_refused(tmp_path, refusal, x):
    (tmp_path / "x.npy").write_bytes(npy_bytes(x).replace(b"}", b" ", 1))
    refusal(tmp_path / "x.npy")


def test_an_npz_with_a_password_is_refused(tmp_path, refusal, x):
    locked = bytearray(npz_bytes(x))
    # the lowest bit of a member's flags, in the central directory, says that it is encrypted
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "x.npz").write_bytes(locked)
    refusal(tmp_path / "x.npz")


@pytest.mark.parametrize("suffix", [".npy", ".npz"])
def test_a_text_file_is_refused_as_not_a_numpy_file(tmp_path, refusal, suffix):
    path = tmp_path / f"x{suffix}"
    path.write_text("1,2,3\n4,5,6\n")
    message = refusal(path)
    assert "not a readable NumPy file" in message
    assert "pickled" not in message


def test_an_npz_without_x_is_refused_with_what_it_holds(npz, refusal, x):
    message = refusal(npz(pixels=x, classes=x))
    assert "expected arrays x_train and x_test (or train_images and test_images), or x" in message
    assert "found pixels, classes" in message


def test_an_npz_without_arrays_is_refused(npz, refusal):
    assert "found nothing" in refusal(npz())


def test_load_numpy_gives_the_arrays_of_an_npz_by_name(npz, x):
    arrays = load_numpy(npz(first=x, second=x[0]))
    assert set(arrays) == {"first", "second"}
    np.testing.assert_array_equal(arrays["second"], x[0])


def test_load_numpy_names_a_file_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match=r"nothing\.npy"):
        load_numpy(tmp_path / "nothing.npy")


# ---- bad images --------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"this is not an image", b"\x89PNG\r\n\x1a\n"])
def test_a_file_that_only_pretends_to_be_an_image_is_refused_by_name(
    tmp_path, write_images, refusal, content
):
    write_images(tmp_path, noise(12, 6, 5))
    (tmp_path / "004.png").write_bytes(content)
    message = refusal(tmp_path)
    assert str(tmp_path / "004.png") in message
    assert "not an image" in message


@pytest.mark.parametrize("kept", [0.6, 0.9])
def test_a_png_that_is_cut_short_is_refused(tmp_path, write_images, refusal, kept):
    write_images(tmp_path, noise(12, 16, 16))
    whole = (tmp_path / "004.png").read_bytes()
    (tmp_path / "004.png").write_bytes(whole[: int(kept * len(whole))])
    assert "cannot be decoded" in refusal(tmp_path)


def test_the_png_that_is_cut_short_is_named_in_plain_words(tmp_path, write_images, refusal):
    write_images(tmp_path, noise(12, 16, 16))
    whole = (tmp_path / "004.png").read_bytes()
    (tmp_path / "004.png").write_bytes(whole[: len(whole) // 2])
    message = refusal(tmp_path)
    assert str(tmp_path / "004.png") in message
    assert "function_node" not in message


def test_images_of_different_sizes_are_refused_with_both_sizes(tmp_path, write_images, refusal):
    write_images(tmp_path, noise(12, 6, 5))
    write_images(tmp_path / "odd", noise(1, 5, 6))
    (tmp_path / "odd" / "000.png").rename(tmp_path / "012.png")
    (tmp_path / "odd").rmdir()
    message = refusal(tmp_path)
    assert "differ in size" in message
    assert f"{tmp_path / '000.png'} is 6x5" in message
    assert f"{tmp_path / '012.png'} is 5x6" in message


def test_images_both_directly_and_in_class_folders_are_refused(tmp_path, write_images, refusal):
    write_images(tmp_path, noise(12, 6, 5))
    write_images(tmp_path / "class", noise(12, 6, 5))
    assert "move them to one level" in refusal(tmp_path)


def channels_or_refusal(folder):
    try:
        return read_path(folder).x.shape[-1]
    except DataError:
        return "refused"


def test_colours_are_not_dropped_because_the_first_image_is_gray(tmp_path, write_images):
    write_images(tmp_path, noise(12, 6, 5, 3))
    write_images(tmp_path, noise(1, 6, 5))  # 000.png is gray now
    assert channels_or_refusal(tmp_path) in (3, "refused")


def test_gray_images_of_16_bits_keep_their_levels(tmp_path, write_images):
    images = [image.astype("uint16") * 200 for image in noise(12, 6, 5)]
    np.testing.assert_array_equal(read_path(write_images(tmp_path, images)).x[..., 0], images)


def test_an_npz_with_its_own_validation_split_keeps_it(npz, x):
    dataset = load_data(npz(train_images=x, val_images=x[:4], test_images=x[:3]))
    np.testing.assert_array_equal(dataset.validation.x, x[:4])
    np.testing.assert_array_equal(dataset.test.x, x[:3])
    assert len(dataset.train) == 30


@pytest.mark.parametrize("kind", ["csr", "coo", "bsr"])
def test_a_sparse_matrix_is_read_as_the_dense_one(tmp_path, kind):
    x = np.round(np.random.default_rng(0).random((30, 6)) * 3).astype("uint8")
    sparse.save_npz(tmp_path / "x.npz", sparse.csr_matrix(x).asformat(kind))
    np.testing.assert_array_equal(read_path(tmp_path / "x.npz").x, x)


def test_a_folder_of_npy_files_is_read_as_an_npz_of_their_names(tmp_path, x):
    for name, array in (("x_train", x), ("x_test", x[:4]), ("y_train", np.arange(30))):
        np.save(tmp_path / f"{name}.npy", array)
    source = read_path(tmp_path)
    np.testing.assert_array_equal(source.x_test, x[:4])
    np.testing.assert_array_equal(source.labels, np.arange(30))
    (line,) = read_path(tmp_path / "x_train.npy").warnings
    assert "x_test.npy beside" in line
    assert "y_train" not in line
    assert read_path(tmp_path / "x_test.npy").warnings == ()


def test_an_npy_with_more_after_its_array_is_refused(tmp_path, refusal, x):
    (tmp_path / "x.npy").write_bytes(npy_bytes(x) + npy_bytes(x))
    assert "has data after its array" in refusal(tmp_path / "x.npy")


def test_sprites_whose_shape_lies_in_alpha_are_read_as_chosen(tmp_path, write_images, refusal):
    sprites = np.zeros((20, 6, 5, 4), "uint8")
    sprites[..., 3] = np.random.default_rng(0).integers(0, 256, (20, 6, 5))
    write_images(tmp_path, sprites)
    assert "--alpha" in refusal(tmp_path)
    x = load_data(tmp_path, alpha="white")
    assert x.event_shape == (6, 5, 3)
    assert x.reading == ("transparent pixels on white", "uint8 divided by 255")
    np.testing.assert_array_equal(read_path(tmp_path, {"alpha": "keep"}).x, sprites)


def test_images_of_many_sizes_are_read_as_chosen(tmp_path, write_images, refusal):
    for number, size in enumerate([(6, 5, 3), (9, 4, 3)]):
        write_images(tmp_path / str(number), noise(10, *size))
    assert "--size and --gray" in refusal(tmp_path)
    dataset = load_data(tmp_path, size=3, gray=True)
    assert dataset.event_shape == (3, 3, 1)
    assert dataset.reading[:2] == (
        "colours turned to gray",
        "middle squares resized to 3x3, rounded to levels",
    )


@pytest.mark.parametrize("is_folder", [False, True])
def test_an_npz_that_is_called_npy_is_refused_by_name(tmp_path, refusal, x, is_folder):
    (tmp_path / "x.npy").write_bytes(npz_bytes(x))
    assert "x.npy" in refusal(tmp_path if is_folder else tmp_path / "x.npy")
