import gzip

import numpy as np
import pytest
import tensorflow as tf

from keras_vae.data import load_data
from keras_vae.data.sources.tfrecords import TFRecords, is_record_file, write_tfrecords
from keras_vae.errors import DataError

X = np.random.default_rng(0).integers(0, 256, (100, 4, 3), dtype="uint8")


@pytest.fixture
def path(tmp_path):
    write_tfrecords(tmp_path / "x.tfrecord", X)
    return tmp_path / "x.tfrecord"


def decoded(source, rows):
    """The given records, as the stream decodes them."""
    rows = np.asarray(rows)
    batch = tf.data.Dataset.from_tensors((rows, source.read(rows)))
    got, x = source.decode(batch).get_single_element()
    np.testing.assert_array_equal(got, rows)
    return x.numpy()


def refusal(path):
    def use():
        source = TFRecords(path)
        source.diagnose(np.arange(source.count))

    with pytest.raises(DataError) as caught:
        use()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def write_features(path, *features):
    with tf.io.TFRecordWriter(str(path)) as writer:
        for feature in features:
            example = tf.train.Example(features=tf.train.Features(feature=feature))
            writer.write(example.SerializeToString())


def feature_of(x, shape=None, dtype=None):
    x = np.asarray(x)
    shape, dtype = x.shape if shape is None else shape, dtype or x.dtype.name
    return {
        "x": tf.train.Feature(bytes_list=tf.train.BytesList(value=[x.tobytes()])),
        "shape": tf.train.Feature(int64_list=tf.train.Int64List(value=shape)),
        "dtype": tf.train.Feature(bytes_list=tf.train.BytesList(value=[dtype.encode()])),
    }


@pytest.mark.parametrize(
    "dtype", ["uint8", "uint16", "bool", "int32", "float16", "float32", "float64", ">f4"]
)
@pytest.mark.parametrize("shape", [(5,), (2, 3, 1)])
def test_what_is_written_is_read_in_the_order_asked(tmp_path, dtype, shape):
    x = np.random.default_rng(0).integers(0, 200, (50, *shape)).astype(dtype)
    write_tfrecords(tmp_path / "x.tfrecord", x)
    source = TFRecords(tmp_path / "x.tfrecord")
    rows = [49, 3, 4, 0, 20]
    values = decoded(source, rows)
    np.testing.assert_array_equal(values, x[rows].astype("float32"))
    assert (source.count, source.event_shape) == (50, shape)
    kept = {"bool": "uint8", "uint8": "uint8", "uint16": "uint16"}.get(dtype, "float32")
    assert values.dtype == source.dtype == kept


def test_tensorflow_reads_the_documented_features(path):
    features = {
        "x": tf.io.FixedLenFeature([], tf.string),
        "shape": tf.io.FixedLenFeature([2], tf.int64),
        "dtype": tf.io.FixedLenFeature([], tf.string),
    }
    for record, x in zip(tf.data.TFRecordDataset(str(path)), X, strict=True):
        parsed = tf.io.parse_single_example(record, features)
        assert parsed["dtype"] == b"uint8"
        np.testing.assert_array_equal(
            tf.reshape(tf.io.decode_raw(parsed["x"], tf.uint8), parsed["shape"]), x
        )


@pytest.mark.parametrize("block", [1, 7, 10, 64, 1000])
def test_records_of_several_files_count_on_in_the_order_of_names(tmp_path, monkeypatch, block):
    monkeypatch.setattr(
        "keras_vae.data.sources.tfrecords.block_and_window", lambda size: (block, 100)
    )
    for name, part in (("b", X[40:]), ("a", X[:33]), ("aa", X[33:40])):
        write_tfrecords(tmp_path / f"{name}.tfrecord", part)
    for place in (tmp_path, tmp_path / "*.tfrecord"):
        source = TFRecords(place)
        rows = np.random.default_rng(1).permutation(100)
        np.testing.assert_array_equal(decoded(source, rows), X[rows])
        np.testing.assert_array_equal(decoded(source, [39, 40]), X[[39, 40]])
        assert source.describe(32) == f"{tmp_path / 'a.tfrecord'}: record 32"
        assert source.describe(33) == f"{tmp_path / 'aa.tfrecord'}: record 0"
        assert source.describe(99) == f"{tmp_path / 'b.tfrecord'}: record 59"


def test_records_of_different_lengths_are_found(tmp_path):
    # the same example with features besides, of many lengths
    features = []
    for number in range(50):
        more = tf.train.Feature(bytes_list=tf.train.BytesList(value=[bytes(number * 37 % 101)]))
        features.append({**feature_of(X[number]), "more": more})
    write_features(tmp_path / "x.tfrecord", *features)
    rows = np.random.default_rng(1).permutation(50)
    np.testing.assert_array_equal(decoded(TFRecords(tmp_path / "x.tfrecord"), rows), X[rows])


def test_one_place_is_kept_for_each_block_of_records(tmp_path):
    write_tfrecords(tmp_path / "x.tfrecord", np.zeros((1_000, 784), "uint8"))
    source = TFRecords(tmp_path / "x.tfrecord")
    assert source.block == 16 * 2**10 // source.row_bytes
    assert sum(map(len, source._places)) == -(-1_000 // source.block) + 1
    assert source.row_bytes == (tmp_path / "x.tfrecord").stat().st_size / 1_000


def test_a_file_is_written_whole_or_not_at_all(tmp_path, path):
    before = path.read_bytes()

    class Failing:
        dtype, shape = X.dtype, X.shape

        def __iter__(self):
            yield X[0]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_tfrecords(path, Failing())
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kept", [1, 11, 100, 0.503, 0.709, -1])
def test_a_file_that_is_cut_short_is_refused(path, kept):
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole)) if isinstance(kept, float) else kept])
    message = refusal(path)
    told = "does not hold one complete" if kept in (1, 11) else "not TFRecords, damaged or"
    assert message.startswith(f"{path}: {told}")
    assert "function_node" not in message


@pytest.mark.parametrize("more", [1, 5, 11])
def test_a_file_that_is_cut_short_in_the_length_of_a_record_is_refused(path, more):
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2 + more])  # 50 records, all of one length
    assert f"cut short (at byte {len(whole) // 2} of {len(whole) // 2 + more})" in refusal(path)


def test_a_wrong_bit_anywhere_is_noticed(path):
    whole = path.read_bytes()
    for place in np.linspace(0, len(whole) - 1, 23).astype(int):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        path.write_bytes(damaged)
        assert "damaged" in refusal(path)


def test_the_damaged_one_of_several_files_is_named(tmp_path, path):
    whole = path.read_bytes()
    (tmp_path / "y.tfrecord").write_bytes(whole[:-5])
    assert str(tmp_path / "y.tfrecord") in refusal(tmp_path)


def test_files_that_are_compressed_or_empty_or_missing_are_refused(tmp_path, path):
    packed = tmp_path / "packed" / "x.tfrecord.gz"
    packed.parent.mkdir()
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert "gunzip" in refusal(packed)
    assert "gunzip" in refusal(packed.parent)
    path.write_bytes(gzip.compress(path.read_bytes()))
    assert "not TFRecords" in refusal(path)
    path.write_bytes(b"")
    assert "does not hold one complete record" in refusal(path)
    path.unlink()
    assert "no such file" in refusal(path)
    assert "no such file" in refusal(tmp_path / "*.tfrecord")


@pytest.mark.parametrize(
    "feature",
    [
        {},
        {"x": feature_of(X[0])["x"]},
        {**feature_of(X[0]), "x": tf.train.Feature()},
        feature_of(X[0], dtype="int64"),
        feature_of(X[0], shape=(5, 3)),
        feature_of(X[0], shape=()),
        feature_of(X[0], dtype="float32"),
        feature_of(X[:0, 0, 0], shape=(0,)),
    ],
)
def test_a_first_record_with_other_features_is_refused(tmp_path, feature):
    write_features(tmp_path / "x.tfrecord", feature)
    message = refusal(tmp_path / "x.tfrecord")
    assert "first record" in message
    assert "write_tfrecords" in message


def test_a_record_that_is_no_example_is_refused(tmp_path):
    with tf.io.TFRecordWriter(str(tmp_path / "x.tfrecord")) as writer:
        writer.write(b"\xff\xff text")
    assert "expected the features" in refusal(tmp_path / "x.tfrecord")


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        (feature_of(X[0].reshape(3, 4)), "uint8 of shape (3, 4)"),
        (feature_of(X[0].reshape(12)), "uint8 of shape (12,)"),
        (feature_of(X[0, :3]), "uint8 of shape (3, 3)"),
        (feature_of(X[0].astype("float32")), "float32 of shape (4, 3)"),
        ({"x": feature_of(X[0])["x"]}, "expected the features"),
        (feature_of(X[0, :3], shape=(4, 3)), "holds 9 bytes"),
    ],
)
def test_a_record_unlike_the_first_fails_and_is_named(tmp_path, odd, told):
    path = tmp_path / "x.tfrecord"
    write_features(path, *[feature_of(x) for x in X[:5]], odd, feature_of(X[6]))
    source = TFRecords(path)
    with pytest.raises(tf.errors.OpError):
        decoded(source, range(7))
    message = refusal(path)
    assert f"{path}: record 5" in message
    assert told in message
    source.diagnose(np.array([0, 1, 6]))  # nothing to say


def test_a_file_that_changes_after_opening_is_refused(path):
    source = TFRecords(path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DataError, match="changed since it was opened"):
        source.read(np.arange(3))
    path.unlink()
    with pytest.raises(DataError, match="cannot be read"):
        source.read(np.arange(3))


def test_record_files_are_known_by_their_names():
    assert is_record_file("a/x.tfrecord")
    assert is_record_file("x.tfrecords")
    assert is_record_file("x.tfrecord-00000-of-00010")
    assert not is_record_file(".x.tfrecord-unfinished")
    assert not is_record_file("x.tfrecord/x.png")


def test_files_whose_names_tell_splits_keep_them(tmp_path):
    for name, part in (("x-test", X[:10]), ("x-train-2", X[60:]), ("x-train-1", X[10:60])):
        write_tfrecords(tmp_path / f"{name}.tfrecord", part)
    source = TFRecords(tmp_path)
    assert source.own_splits == {"train": (0, 90), "test": (90, 100)}
    np.testing.assert_array_equal(decoded(source, range(100)), [*X[10:], *X[:10]])
    dataset = load_data(tmp_path / "*.tfrecord")
    np.testing.assert_array_equal(dataset.test.x, X[:10] / np.float32(255))
    assert (dataset.training_examples, len(dataset.validation)) == (81, 9)
    write_tfrecords(tmp_path / "more.tfrecord", X)
    assert "some do not" in refusal(tmp_path)
    assert TFRecords(tmp_path / "x-train*").own_splits == {}
