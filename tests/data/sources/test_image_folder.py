import numpy as np
import pytest

from keras_vae.data import load_data, open_stream
from keras_vae.data.sources.image_folder import ImageNames
from keras_vae.errors import DataError


def noise(count, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, 6, 5), dtype="uint8")


@pytest.fixture
def split_folder(tmp_path, write_images):
    """Two classes in each of the folders train, valid and test, and their images by split."""
    images = {}
    for seed, (split, count) in enumerate([("train", 20), ("valid", 3), ("test", 4)]):
        images[split] = noise(2 * count, seed)
        write_images(tmp_path / split / "cat", images[split][:count])
        write_images(tmp_path / split / "dog", images[split][count:])
    return tmp_path, images


def in_any_order(x):
    return sorted(np.rint(image * 255).astype("uint8").tobytes() for image in x)


@pytest.mark.parametrize("stream", [False, True])
def test_folders_of_splits_are_splits_and_those_below_them_classes(split_folder, stream):
    folder, images = split_folder
    dataset = load_data(folder, stream)
    assert dataset.class_names == ("cat", "dog")
    for split, name in (("train", "train"), ("validation", "valid"), ("test", "test")):
        examples = dataset.splits[split]
        assert in_any_order(examples.x) == sorted(image.tobytes() for image in images[name])
        cats = {image.tobytes() for image in images[name][: len(images[name]) // 2]}
        for x, label in zip(examples.x, examples.labels, strict=True):
            assert (np.rint(x * 255).astype("uint8").tobytes() in cats) == (label == 0)
    assert dataset.training_examples == 40


def test_a_stream_of_folders_of_splits_trains_on_the_training_images_only(split_folder):
    folder, images = split_folder
    stream = open_stream(folder).stream
    with stream.errors():
        (batch,) = stream.batches(0, 40, 0).as_numpy_iterator()
    assert in_any_order(batch) == sorted(image.tobytes() for image in images["train"])


@pytest.mark.parametrize("stream", [False, True])
def test_a_split_that_is_missing_is_cut_from_the_training_images(tmp_path, write_images, stream):
    write_images(tmp_path / "train", noise(40))
    write_images(tmp_path / "Test", noise(5, seed=1))
    dataset = load_data(tmp_path, stream)
    assert [len(split) for split in dataset.splits.values()] == [36, 4, 5]
    assert in_any_order(dataset.test.x) == sorted(image.tobytes() for image in noise(5, seed=1))
    assert dataset.class_names is None


@pytest.mark.parametrize("stream", [False, True])
def test_test_images_without_classes_have_no_labels(tmp_path, write_images, stream):
    for name in ("train/cat", "train/dog", "test"):
        write_images(tmp_path / name, noise(20, seed=len(name)))
    dataset = load_data(tmp_path, stream)
    assert dataset.class_names == ("cat", "dog")
    assert dataset.train.labels is not None
    assert dataset.test.labels is None


@pytest.mark.parametrize("stream", [False, True])
def test_a_class_that_only_the_test_folder_has_is_named(tmp_path, write_images, stream):
    for name in ("train/cat", "train/dog", "test/cat", "test/fox"):
        write_images(tmp_path / name, noise(20, seed=len(name)))
    with pytest.raises(DataError, match="'fox' does not occur in training"):
        load_data(tmp_path, stream)


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("train", "test", "extra"), "some are splits and some are not"),
        (("test", "val"), "expected one folder train"),
        (("train", "val", "validation"), "expected one folder train"),
    ],
)
def test_folders_that_do_not_go_together_are_refused_by_name(tmp_path, write_images, names, told):
    for name in names:
        write_images(tmp_path / name, noise(3))
    with pytest.raises(DataError, match=told) as caught:
        ImageNames(tmp_path)
    assert all(name in str(caught.value) for name in names)


def test_a_class_may_be_called_train(tmp_path, write_images):
    for name in ("car", "train"):
        write_images(tmp_path / name, noise(3))
    names = ImageNames(tmp_path)
    assert names.class_names == ("car", "train")
    assert names.own_splits == {}


def test_the_rows_of_a_split_are_those_of_its_folder(split_folder):
    names = ImageNames(split_folder[0])
    assert len(names) == 54
    for split, name in (("train", b"train/"), ("validation", b"valid/"), ("test", b"test/")):
        rows = np.arange(*names.own_splits[split])
        assert {row.startswith(name) for row in names[rows].tolist()} == {True}
    assert sorted(names.own_splits.values()) == [(0, 8), (8, 48), (48, 54)]


def test_files_that_are_left_out_are_counted_and_named(tmp_path, write_images):
    write_images(tmp_path, noise(3))
    assert ImageNames(tmp_path).warnings == ()
    (tmp_path / "labels.csv").write_text("1")
    (line,) = ImageNames(tmp_path).warnings
    assert "1 files" in line
    assert "labels.csv" in line
