import numpy as np
import pytest

from keras_vae.data import open_stream, write_tfrecords
from keras_vae.data.streams.held_out import HeldOut
from keras_vae.errors import DataError

GRAY = np.random.default_rng(0).integers(0, 256, (300, 5, 4), dtype="uint8")


@pytest.mark.parametrize("kind", ["npy", "images", "tfrecord"])
def test_the_splits_in_memory_are_the_examples_that_the_numbers_say(saved, kind):
    dataset = open_stream(saved(kind, GRAY))
    held_out = HeldOut(300)
    rows = {
        "train": held_out.training_sample(5_000),
        "validation": held_out.validation,
        "test": held_out.test,
    }
    for split, examples in dataset.splits.items():
        expected = (GRAY[rows[split]] / np.float32(255)).reshape(examples.x.shape)
        np.testing.assert_array_equal(examples.x, expected)
        assert examples.x.dtype == "float32"
        assert examples.labels is None
    assert [len(examples) for examples in dataset.splits.values()] == [240, 30, 30]
    assert dataset.event_shape == dataset.stream.event_shape


def test_labels_and_class_names_are_those_of_the_class_folders(tmp_path, write_images):
    write_images(tmp_path / "low", GRAY[:150])
    write_images(tmp_path / "high", GRAY[150:])
    dataset = open_stream(tmp_path)
    assert dataset.class_names == ("high", "low")
    low = {image.tobytes() for image in GRAY[:150]}
    for examples in dataset.splits.values():
        levels = np.rint(examples.x * 255).astype("uint8")
        np.testing.assert_array_equal(examples.labels, [image.tobytes() in low for image in levels])
        assert examples.labels.dtype == "int64"


def test_large_examples_come_into_memory_in_smaller_number(saved, monkeypatch):
    monkeypatch.setattr("keras_vae.data.streams.splits.SPLIT_BYTES", 7 * 4 * 20)
    dataset = open_stream(saved("npy", GRAY))
    assert [len(examples) for examples in dataset.splits.values()] == [3, 7, 7]
    assert dataset.stream.examples == 286


def test_too_few_or_constant_examples_are_refused(saved):
    with pytest.raises(DataError, match="19 examples; expected at least 20"):
        open_stream(saved("npy", GRAY[:19]))
    with pytest.raises(DataError, match="nothing to learn"):
        open_stream(saved("npy", np.ones((30, 4))))
    assert open_stream(saved("npy", GRAY[:20])).stream.examples == 16


def test_a_source_of_another_kind_is_refused(tmp_path, saved):
    np.savez(tmp_path / "x.npz", x=GRAY)
    with pytest.raises(DataError, match=r"x\.npz: cannot be read piece by piece.*numpy\.save"):
        open_stream(tmp_path / "x.npz")
    for name in ("nothing", "nothing.npy", "nothing.tfrecord", "*.tfrecord"):
        with pytest.raises(DataError, match="no such file"):
            open_stream(tmp_path / name)


def test_a_folder_of_records_is_told_from_a_folder_of_images(tmp_path, saved):
    for kind in ("images", "tfrecord"):
        path = saved(kind, GRAY)
        folder = path if kind == "images" else path.parent
        assert open_stream(folder).stream.examples == 240


def test_a_folder_of_npy_files_is_refused_and_options_of_images_too(tmp_path, saved):
    path = saved("npy", GRAY)
    with pytest.raises(DataError, match=r"folder of \.npy files is not streamed"):
        open_stream(path.parent)
    path.unlink()
    records = saved("tfrecord", GRAY)
    with pytest.raises(DataError, match="are for images"):
        open_stream(records.parent, gray=True)


def test_the_dataset_tells_what_reading_did(saved):
    dataset = open_stream(saved("npy", GRAY))
    assert dataset.reading == ("uint8 divided by 255",)
    assert "divided by 255" in dataset.warnings[0]
    images = open_stream(saved("images", GRAY))
    assert (images.reading, images.warnings) == (("uint8 divided by 255",), ())


@pytest.mark.parametrize("kind", ["npy", "tfrecord", "images"])
def test_levels_of_16_bits_are_divided_by_their_last_as_in_memory(saved, kind):
    deep = GRAY.astype("uint16") * 257 + 3
    dataset = open_stream(saved(kind, deep))
    assert dataset.levels == 65536
    assert dataset.reading == ("uint16 divided by 65535",)
    assert len(dataset.warnings) == (kind != "images")
    x, _ = dataset.stream.read(np.arange(5))
    np.testing.assert_array_equal(x.reshape(5, -1), deep[:5].reshape(5, -1) / np.float32(65535))
    assert open_stream(saved(kind, GRAY)).levels == 256


def test_an_own_split_that_does_not_fit_has_a_part_that_stands_for_it(tmp_path, monkeypatch):
    monkeypatch.setattr("keras_vae.data.streams.splits.SPLIT_BYTES", 7 * 4 * 20)
    write_tfrecords(tmp_path / "train.tfrecord", GRAY[:200])
    write_tfrecords(tmp_path / "test.tfrecord", GRAY[200:])
    dataset = open_stream(tmp_path)
    assert (len(dataset.test), dataset.training_examples) == (7, 193)
    assert any("7 of the 100 test examples" in line for line in dataset.warnings)
