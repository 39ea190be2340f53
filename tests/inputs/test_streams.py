import keras
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import tensorflow as tf

from keras_vae import DataError
from keras_vae.distributions import Bernoulli, Gaussian
from keras_vae.inputs import Takes
from keras_vae.inputs.streams import BatchRule, first_of, is_stream, told_in_one_line

X = np.random.default_rng(0).integers(0, 2, (12, 2, 3)).astype("float32")
BATCH = 4
STARTS = range(0, len(X), BATCH)


class Batches(keras.utils.PyDataset):
    def __init__(self, x, **options):
        super().__init__(**options)
        self.x = x

    def __len__(self):
        return len(self.x) // BATCH

    def __getitem__(self, index):
        return (self.x[index * BATCH : (index + 1) * BATCH],)


class Loader:
    """What is read from its beginning whenever one asks, such as a PyTorch DataLoader."""

    def __init__(self, x):
        self.x = x

    def __len__(self):
        return len(self.x) // BATCH

    def __iter__(self):
        return (self.x[start : start + BATCH] for start in STARTS)


def without_shapes(x):
    return tf.data.Dataset.from_generator(lambda: iter(Loader(x)), output_types=x.dtype)


def pairs(x):
    return tf.data.Dataset.from_tensor_slices((x, [str(i) for i in range(len(x))])).batch(BATCH)


STREAMS = {
    "dataset": lambda x: tf.data.Dataset.from_tensor_slices(x).batch(BATCH),
    "dataset without shapes": without_shapes,
    "dataset of pairs": pairs,
    "dataset of x and x": lambda x: tf.data.Dataset.from_tensor_slices((x, x)).batch(BATCH),
    "generator": lambda x: ((x[start : start + BATCH],) for start in STARTS),
    "iterator of bare arrays": lambda x: iter([x[start : start + BATCH] for start in STARTS]),
    "PyDataset": Batches,
    "PyDataset of two workers": lambda x: Batches(x, workers=2),
    "loader": Loader,
}


@pytest.fixture(params=STREAMS)
def stream(request):
    return STREAMS[request.param]


def read(stream, rule=None):
    with told_in_one_line():
        rule = rule or BatchRule(Takes((2, 3), Bernoulli()))
        return np.concatenate([np.asarray(batch[0]) for batch in rule.stream(stream)])


def test_every_stream_gives_its_batches_in_their_order(stream):
    assert is_stream(stream(X))
    np.testing.assert_array_equal(read(stream(X)), X)


def test_axes_of_size_1_come_and_go_in_every_stream(stream):
    np.testing.assert_array_equal(read(stream(X[..., None])), X)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda x: np.where(np.arange(12)[:, None, None] == 9, np.nan, x), "holds 6 NaN values"),
        (lambda x: 255 * x, r"values in \[0, 1\], got values in \[0, 255\]"),
        (lambda x: (255 * x).astype("uint8"), "8-bit counts up to 255"),
        (lambda x: x.reshape(12, 3, 2), r"shape .*, 3, 2\), the model takes \(N, 2, 3\)"),
    ],
    ids=["NaN", "255", "uint8", "shape"],
)
def test_what_is_wrong_with_a_batch_is_one_line_in_every_stream(stream, change, said):
    with pytest.raises(DataError, match=said) as error:
        read(stream(change(X)))
    assert "\n" not in str(error.value)


def test_the_first_batch_can_be_looked_at_and_is_read_again(stream):
    first, again = first_of(stream(X))
    np.testing.assert_array_equal(first[0] if isinstance(first, tuple) else first, X[:BATCH])
    np.testing.assert_array_equal(read(again), X)


@pytest.mark.parametrize(
    "empty",
    [lambda: STREAMS["dataset"](X[:0]), lambda: iter([]), lambda: Loader(X[:0])],
    ids=["dataset", "iterator", "loader"],
)
def test_a_stream_without_batches_is_one_line(empty, monkeypatch):
    monkeypatch.setattr(Loader, "__iter__", lambda self: iter([]))
    with pytest.raises(DataError, match="x gives no batches"):
        read(empty())


def test_how_many_batches_there_are_is_kept():
    rule = BatchRule(Takes((2, 3), Bernoulli()))
    assert rule.stream(Batches(X)).num_batches == 3
    assert [rule.stream(STREAMS[name](X)).cardinality() for name in ("dataset", "loader")] == [3, 3]


@pytest.mark.parametrize(
    ("batches", "said"),
    [
        ({"image": X, "label": np.arange(12)}, "a dictionary of 'image', 'label'"),
        (((X, X), np.arange(12)), "a tuple of 2"),
        ((X, 1 - X), "y has the shape of x"),
        ((X, np.arange(12) / 2), "y must be labels"),
        (["a"] * 12, "dtype string"),
        (tf.ragged.constant([[1.0], [1.0, 0.0]] * 6), "ragged"),
    ],
)
def test_a_dataset_of_anything_else_is_one_line(batches, said):
    with pytest.raises(DataError, match=said):
        read(tf.data.Dataset.from_tensor_slices(batches).batch(BATCH))


def test_a_generator_of_noisy_and_clean_arrays_is_refused():
    with pytest.raises(DataError, match="y has the shape of x"):
        read((X, 1 - X) for _ in range(2))


def test_class_weights_need_labels():
    rule = BatchRule(Takes((2, 3), Bernoulli()), needs_labels=True)
    for name in ("dataset", "generator", "PyDataset"):
        with pytest.raises(DataError, match="class_weight weighs examples by their labels"):
            read(STREAMS[name](X), rule)


def test_weights_stay_beside_their_examples():
    weights = np.arange(12, dtype="float32")
    triples = tf.data.Dataset.from_tensor_slices((X, weights, weights)).batch(BATCH)
    kept = [batch[2] for batch in BatchRule(Takes((2, 3), Gaussian())).stream(triples)]
    np.testing.assert_array_equal(np.concatenate(kept), weights)


def test_an_error_of_the_users_own_pipeline_is_left_as_it_is():
    broken = STREAMS["dataset"](X).map(lambda x: tf.debugging.check_numerics(x / 0, "mine"))
    with pytest.raises(tf.errors.InvalidArgumentError, match="mine"):
        read(broken)


@pytest.mark.parametrize(
    "x",
    [X, X.tolist(), tf.constant(X), pd.DataFrame(X[:, 0]), scipy.sparse.csr_matrix(X[:, 0]), "a",
     {}, None, keras.Input((3,))],
)  # fmt: skip
def test_what_is_in_memory_is_no_stream(x):
    assert not is_stream(x)


def test_batches_of_dictionaries_are_checked_in_any_kind_of_stream():
    rng = np.random.default_rng(0)
    given = {
        "x": rng.integers(0, 2, (6, 2)).astype("float32"),
        "mask": rng.integers(0, 2, (6, 2)).astype("float32"),
        "condition": rng.standard_normal((6, 3)).astype("float32"),
    }
    rule = BatchRule(Takes((2,), Bernoulli(), (3,)))
    gaps = {**given, "x": np.where(given["mask"], given["x"], np.nan)}
    wrong = {**given, "mask": given["mask"] + 1}
    for make in (
        lambda parts: tf.data.Dataset.from_tensor_slices(parts).batch(2),
        lambda parts: [{name: part[i : i + 2] for name, part in parts.items()} for i in (0, 2, 4)],
    ):
        batches = [batch[0] for batch in rule.stream(make(gaps))]
        for name, part in given.items():
            expected = part * given["mask"] if name == "x" else part
            np.testing.assert_array_equal(np.concatenate([b[name] for b in batches]), expected)
        with pytest.raises(DataError, match=r"mask holds values in \[1, 2\]"), told_in_one_line():
            list(rule.stream(make(wrong)))
