import numpy as np
import pytest

from keras_vae import DataError, load_data
from keras_vae.data import (
    Dataset,
    Examples,
    binarize,
    from_arrays,
    open_stream,
    rows_in_order,
    unsplit,
)

GRAY = np.random.default_rng(0).random((60, 4, 4)).astype("float32")
LABELS = np.arange(60) % 7


def whole(dataset, binarization):
    parts = list(rows_in_order(dataset.as_binarized(binarization)))
    x, rows = (np.concatenate([getattr(p, name) for p, _ in parts]) for name in ("x", "rows"))
    return x, rows, np.concatenate([splits for _, splits in parts]), parts


@pytest.mark.parametrize("has_test", [False, True])
def test_rows_come_in_the_order_of_the_source(has_test):
    more = (GRAY[50:], LABELS[50:]) if has_test else ()
    count = 50 if has_test else 60
    dataset = from_arrays(GRAY[:count], LABELS[:count], *more)
    x, rows, splits, parts = whole(dataset, "none")
    np.testing.assert_array_equal(x, GRAY)
    np.testing.assert_array_equal(parts[0][0].labels, LABELS)
    assert rows.tolist() == list(range(60))
    for name, part in dataset.splits.items():
        assert sorted(part.rows) == np.flatnonzero(splits == name).tolist()


@pytest.mark.parametrize("binarization", ["static", "threshold"])
def test_an_example_is_drawn_as_in_its_split(binarization):
    dataset = from_arrays(GRAY)
    x, _, _, _ = whole(dataset, binarization)
    for name, part in dataset.splits.items():
        np.testing.assert_array_equal(x[part.rows], binarize(part.x, binarization, name))


@pytest.mark.parametrize("binarization", ["none", "dynamic", "threshold"])
def test_a_stream_is_read_piece_by_piece_and_held_out_rows_are_those_of_their_split(
    tmp_path, monkeypatch, binarization
):
    np.save(tmp_path / "x.npy", GRAY)
    monkeypatch.setattr("keras_vae.data.in_order.CHUNK", 25)
    dataset = open_stream(str(tmp_path / "x.npy"))
    x, rows, splits, parts = whole(dataset, binarization)
    assert [len(part) for part, _ in parts] == [25, 25, 10]
    assert rows.tolist() == list(range(60))
    assert [np.sum(splits == name) for name in ("train", "validation", "test")] == [48, 6, 6]
    for name in ("validation", "test"):
        part = dataset.split(name)
        np.testing.assert_array_equal(x[part.rows], binarize(part.x, binarization, name))
    train = splits == "train"
    if binarization == "dynamic":
        # a draw of Bernoulli(gray): (x - p) / sqrt(p (1 - p)) has mean 0 and variance 1
        p = GRAY[train]
        standardised = (x[train] - p) / np.sqrt(p * (1 - p))
        assert abs(standardised.mean()) < 4 / np.sqrt(p.size)
    else:
        np.testing.assert_array_equal(x[train], binarize(GRAY[train], binarization, "train"))


def test_examples_that_do_not_know_their_rows_are_refused():
    split = Examples(GRAY)
    with pytest.raises(DataError, match="row numbers are unknown; load it with load_data"):
        list(rows_in_order(Dataset("made", split, split, split)))


def test_the_rows_of_a_named_source_are_its_own():
    from sklearn.datasets import load_digits

    x, rows, _, _ = whole(load_data("digits"), "none")
    images = load_digits().images
    assert len(rows) == len(images)
    np.testing.assert_allclose(x * 16, images, atol=1e-5)


def test_masks_and_conditions_come_in_the_order_of_the_source():
    mask, condition = GRAY > 0.3, np.arange(60.0)[:, None]
    dataset = load_data({"x": GRAY, "mask": mask, "condition": condition})
    [(examples, _)] = rows_in_order(dataset)
    np.testing.assert_array_equal(examples.x, GRAY * mask)
    np.testing.assert_array_equal(examples.mask, mask)
    np.testing.assert_array_equal(examples.condition, condition)


def test_what_was_split_is_whole_again_in_its_order():
    x = np.arange(60, dtype="float32").reshape(30, 2)
    dataset = from_arrays(x, labels=np.arange(30) % 3)
    whole = unsplit(dataset)
    np.testing.assert_array_equal(whole.split("all").x, x)
    np.testing.assert_array_equal(whole.split("all").labels, np.arange(30) % 3)
    assert whole.shown_split == "all"
    assert unsplit(whole).test.x.shape == (30, 2)
