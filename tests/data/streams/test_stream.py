import os

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from keras_vae.data import binarize, from_arrays, open_stream
from keras_vae.data.streams.held_out import HeldOut
from keras_vae.errors import DataError

KINDS = ("npy", "images", "tfrecord")
# 300 images that can be told apart: 8 of their 20 pixels spell their number
GRAY = np.random.default_rng(0).integers(0, 256, (300, 5, 4), dtype="uint8")
GRAY[:, :2] = np.where(np.arange(300)[:, None] >> np.arange(8) & 1, 255, 0).reshape(300, 2, 4)
GRAY[:, 2, 0] = np.arange(300) // 256 * 255
FLOAT = np.repeat(np.arange(300, dtype="float32")[:, None], 3, axis=1)
BATCH = 12
STEPS = 240 // BATCH


@pytest.fixture
def opened(saved, monkeypatch):
    """Opens examples as a stream of small blocks and windows, so that an epoch has several."""
    for module in ("npy_rows", "tfrecords"):
        name = f"keras_vae.data.sources.{module}.block_and_window"
        monkeypatch.setattr(name, lambda size: (4, 40))

    def open_small(kind="npy", x=GRAY):
        return open_stream(saved(kind, x))

    return open_small


def epoch_of(stream, epoch=0, batch_size=BATCH, seed=0, binarization="none", **options):
    with stream.errors():
        batches = stream.batches(epoch, batch_size, seed, binarization, **options)
        return np.array(list(batches.as_numpy_iterator()))


def numbers(x):
    """The number that each image spells."""
    x = x.reshape(-1, 20) > 0.5
    return (x[:, :9] << np.arange(9)).sum(axis=1)


def refused(stream, binarization="none"):
    with pytest.raises(DataError) as caught:
        epoch_of(stream, binarization=binarization)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# ---- what is held out ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_held_out_example_never_comes_in_the_stream_and_all_others_do(opened, kind):
    dataset = opened(kind)
    held_out = np.concatenate([numbers(dataset.validation.x), numbers(dataset.test.x)])
    for epoch, seed in ((0, 0), (1, 0), (0, 1)):
        streamed = numbers(epoch_of(dataset.stream, epoch, seed=seed))
        assert sorted([*streamed, *held_out]) == list(range(300))


@pytest.mark.parametrize(
    "x", [GRAY, GRAY > 128, GRAY // 128, GRAY.astype("int32"), FLOAT.astype("float64")]
)
def test_values_are_scaled_as_those_of_data_in_memory(opened, x):
    dataset = opened(x=x)
    held_out = HeldOut(300)
    # the order of its examples does not bear on how they are scaled
    in_memory = from_arrays(x, x_test=x).test.x
    np.testing.assert_array_equal(dataset.test.x, in_memory[held_out.test])
    training = held_out.training_rows(np.arange(240))
    streamed = epoch_of(dataset.stream).reshape(240, -1)
    order = np.lexsort(streamed.T[::-1])
    expected = in_memory[training].reshape(240, -1)
    np.testing.assert_array_equal(streamed[order], expected[np.lexsort(expected.T[::-1])])


# ---- a pure function of seed, epoch and step ----------------------------------------------


@pytest.mark.parametrize(
    ("kind", "binarization"),
    [
        *((kind, "dynamic") for kind in KINDS),
        *(("npy", each) for each in ("static", "threshold", "none")),
    ],
)
def test_the_same_arguments_give_the_same_batches_bit_for_bit(opened, kind, binarization):
    dataset = opened(kind)
    keras.utils.set_random_seed(1)
    first = epoch_of(dataset.stream, 3, seed=7, binarization=binarization)
    keras.utils.set_random_seed(2)
    again = epoch_of(open_stream(dataset.name).stream, 3, seed=7, binarization=binarization)
    np.testing.assert_array_equal(first, again)
    assert first.dtype == "float32"
    assert first.shape == (STEPS, BATCH, *dataset.event_shape)


def test_another_epoch_or_seed_gives_another_order(opened):
    stream = opened().stream
    first = numbers(epoch_of(stream, 3, seed=7))
    for epoch, seed in ((4, 7), (3, 8), (7, 3)):
        # two independent permutations agree in one place on average
        assert np.count_nonzero(first == numbers(epoch_of(stream, epoch, seed=seed))) < 8


def test_an_epoch_that_is_a_tensor_gives_that_epoch(opened):
    stream = opened().stream
    epochs = tf.data.Dataset.range(2, 4).flat_map(
        lambda epoch: stream.batches(epoch, BATCH, 0, "dynamic")
    )
    expected = [epoch_of(stream, epoch, binarization="dynamic") for epoch in (2, 3)]
    np.testing.assert_array_equal(list(epochs.as_numpy_iterator()), np.concatenate(expected))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("binarization", ["dynamic", "static"])
def test_the_shards_of_a_step_put_together_are_its_batch(opened, kind, binarization):
    stream = opened(kind).stream
    whole = epoch_of(stream, 1, binarization=binarization)
    for shards in (2, 3):
        parts = [
            epoch_of(stream, 1, binarization=binarization, shard=(index, shards))
            for index in range(shards)
        ]
        np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("first_step", [1, 4, STEPS])
def test_a_stream_entered_later_is_the_tail_of_the_whole(opened, kind, first_step):
    stream = opened(kind).stream
    whole = epoch_of(stream, 2, binarization="dynamic")
    tail = epoch_of(stream, 2, binarization="dynamic", first_step=first_step)
    np.testing.assert_array_equal(tail.reshape(-1, *whole.shape[1:]), whole[first_step:])


def test_a_shard_entered_later_is_the_tail_of_the_shard(opened):
    stream = opened().stream
    whole = epoch_of(stream, 2, binarization="dynamic", shard=(1, 3))
    tail = epoch_of(stream, 2, binarization="dynamic", shard=(1, 3), first_step=7)
    np.testing.assert_array_equal(tail, whole[7:])


def test_the_number_of_batches_is_known_and_none_is_short(opened):
    stream = opened().stream
    assert stream.examples == 240
    for batch_size in (1, 7, 100, 240):
        batches = stream.batches(0, batch_size, 0)
        assert stream.steps(batch_size) == 240 // batch_size == int(batches.cardinality())
        assert batches.element_spec.shape == (batch_size, 5, 4)
        assert {len(batch) for batch in batches} == {batch_size}
    assert int(stream.batches(0, 7, 0, first_step=30).cardinality()) == 4


def noted_reads(stream, monkeypatch):
    """The rows that are asked of the source from here on."""
    rows, read = [], stream._source.read

    def noted(asked):
        rows.extend(asked.tolist())
        return read(asked)

    monkeypatch.setattr(stream._source, "read", noted)
    return rows


@pytest.mark.parametrize("kind", KINDS)
def test_a_shard_reads_its_own_examples_only_and_nothing_before_its_first_step(
    opened, kind, monkeypatch
):
    stream = opened(kind).stream
    rows = noted_reads(stream, monkeypatch)
    read = epoch_of(stream, 1, shard=(1, 3), first_step=5)
    assert len(rows) == (STEPS - 5) * BATCH // 3
    np.testing.assert_array_equal(np.sort(numbers(read)), np.sort(rows))


def test_only_the_next_windows_are_read_ahead(opened, monkeypatch):
    stream = opened().stream
    rows = noted_reads(stream, monkeypatch)
    iterator = iter(stream.batches(0, 4, 0))
    next(iterator)
    # windows of 40 of 240: the one in use, one ready, one on its way
    assert len(rows) <= 3 * 40


def test_sorted_data_come_in_batches_of_the_class_mix_of_a_uniform_draw(saved):
    x = np.repeat(np.arange(10, dtype="uint8"), 4_000)[:, None] * np.ones(800, "uint8")
    stream = open_stream(saved("npy", x)).stream
    classes = (epoch_of(stream, batch_size=100)[:, :, 0] * 255).round().astype(int)
    counts = np.stack([np.bincount(batch, minlength=10) for batch in classes])
    statistics = ((counts - 10) ** 2 / 10).sum(axis=1)
    assert stats.chi2.sf(statistics.sum(), 9 * len(statistics)) > 0.01
    assert stats.kstest(statistics, stats.chi2(9).cdf).pvalue > 0.01


# ---- binarisation -------------------------------------------------------------------------


def by_number(stream, epoch, binarization, seed=0):
    """The batches' examples in the order of the gray images that they were drawn from."""
    order = numbers(epoch_of(stream, epoch, seed=seed))
    drawn = epoch_of(stream, epoch, seed=seed, binarization=binarization).reshape(240, 20)
    assert set(np.unique(drawn)) <= {0, 1}
    return drawn[np.argsort(order)]


def test_a_threshold_cuts_as_in_memory(opened):
    stream = opened().stream
    np.testing.assert_array_equal(
        epoch_of(stream, binarization="threshold"),
        binarize(epoch_of(stream), "threshold", "train"),
    )


def test_static_draws_belong_to_the_example_whatever_epoch_and_seed(opened):
    stream = opened().stream
    first = by_number(stream, 0, "static")
    np.testing.assert_array_equal(first, by_number(stream, 5, "static"))
    np.testing.assert_array_equal(first, by_number(stream, 1, "static", seed=4))


def test_dynamic_draws_are_new_in_each_epoch_and_for_each_seed(opened):
    stream = opened().stream
    first = by_number(stream, 0, "dynamic")[:, 9:]
    others = (
        by_number(stream, 1, "dynamic"),
        by_number(stream, 0, "dynamic", seed=1),
        by_number(stream, 0, "static"),
    )
    for other in others:
        # uniform gray levels: two draws differ with probability 1/3
        assert abs((first != other[:, 9:]).mean() - 1 / 3) < 4 * np.sqrt(2 / 9 / first.size)


@pytest.mark.parametrize("binarization", ["dynamic", "static"])
def test_pixels_are_drawn_with_the_probability_of_their_gray_level(opened, binarization):
    stream = opened().stream
    gray = epoch_of(stream).reshape(-1)
    drawn = epoch_of(stream, binarization=binarization).reshape(-1)
    assert (drawn[gray == 0] == 0).all()
    assert (drawn[gray == 1] == 1).all()
    # sum of (drawn - p): mean 0, variance sum p (1 - p); also within the dark and the light
    for part in (gray < 0.3, gray > 0.7, gray >= 0):
        p = gray[part]
        assert abs((drawn[part] - p).sum()) < 4 * np.sqrt((p * (1 - p)).sum())


# ---- what cannot be trained on ------------------------------------------------------------


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 2e12])
@pytest.mark.parametrize("kind", ["npy", "tfrecord"])
def test_values_that_are_not_finite_are_noticed_with_the_number_of_the_example(
    saved, monkeypatch, kind, value
):
    monkeypatch.setattr("keras_vae.data.streams.splits.SAMPLE_EXAMPLES", 5)
    x = FLOAT.copy()
    held_out = HeldOut(300)
    training = held_out.training_rows(np.arange(240))
    row = np.setdiff1d(training, held_out.training_sample(5))[100]
    x[row, 1] = value
    stream = open_stream(saved(kind, x)).stream
    message = refused(stream)
    assert f"{'record' if kind == 'tfrecord' else 'example'} {row} holds NaN" in message
    assert refused(stream, "dynamic") == message


def test_gray_levels_among_binary_data_are_noticed(saved, monkeypatch):
    monkeypatch.setattr("keras_vae.data.streams.splits.SAMPLE_EXAMPLES", 5)
    x = GRAY // 128
    held_out = HeldOut(300)
    training = held_out.training_rows(np.arange(240))
    row = np.setdiff1d(training, held_out.training_sample(5))[100]
    x[row, 1, 1] = 2
    message = refused(open_stream(saved("npy", x)).stream)
    assert f"example {row} has uint8 values above 1" in message


@pytest.mark.parametrize("kind", ["npy", "tfrecord"])
def test_a_file_that_is_torn_or_vanishes_during_training_is_named(opened, kind):
    dataset = opened(kind)
    path = dataset.name
    with open(path, "r+b") as file:
        file.truncate(5_000)
    assert f"{path}: changed since it was opened" in refused(dataset.stream)
    os.unlink(path)
    assert f"{path}: cannot be read" in refused(dataset.stream)


def test_an_image_that_is_torn_or_vanishes_during_training_is_named(saved):
    folder = saved("images", GRAY)
    stream = open_stream(folder).stream
    row = HeldOut(300).training_rows(np.array([77]))[0]
    path = folder / f"{row:03}.png"
    whole = path.read_bytes()
    for content in (whole[:-30], b"\x89PNG\xff\xfe", b"no image"):
        path.write_bytes(content)
        assert str(path) in refused(stream)
    path.unlink()
    assert f"{path}: is no longer there" in refused(stream)


def test_a_file_that_vanishes_in_the_middle_of_an_epoch_is_named_there(opened):
    dataset = opened()
    seen = []

    def consume():
        with dataset.stream.errors():
            for batch in dataset.stream.batches(0, 4, 0):
                seen.append(batch)
                if len(seen) == 1:
                    os.unlink(dataset.name)

    with pytest.raises(DataError, match="cannot be read"):
        consume()
    assert 1 <= len(seen) <= 3 * 10


def test_fit_ends_with_the_data_error(opened):
    dataset = opened(x=FLOAT[:, :1] * np.ones(6, "float32") / 300)
    inputs = keras.Input((6,))
    model = keras.Model(inputs, keras.layers.Dense(6)(inputs))
    model.compile(loss="mse")
    pairs = dataset.stream.batches(0, BATCH, 0).map(lambda x: (x, x))
    with dataset.stream.errors():
        model.fit(pairs, shuffle=False, verbose=0)
    os.unlink(dataset.name)

    def fit():
        with dataset.stream.errors():
            model.fit(pairs, shuffle=False, verbose=0)

    with pytest.raises(DataError, match="cannot be read"):
        fit()


def test_errors_that_the_data_did_not_cause_stay_as_they_are(opened):
    stream = opened().stream
    epoch_of(stream)

    def fail():
        with stream.errors():
            tf.debugging.assert_equal(1, 2)

    with pytest.raises(tf.errors.InvalidArgumentError, match="x == y"):
        fail()


# ---- what cannot be asked -------------------------------------------------------


def test_a_batch_larger_than_the_training_split_is_refused(opened):
    stream = opened().stream
    with pytest.raises(DataError, match="240 training examples do not fill one batch of 241"):
        stream.batches(0, 241, 0)


@pytest.mark.parametrize(
    "options",
    [
        {"shard": (2, 2)},
        {"shard": (-1, 2)},
        {"shard": (0, 5)},
        {"first_step": -1},
        {"first_step": STEPS + 1},
        {"binarization": "often"},
    ],
)
def test_arguments_that_make_no_sense_are_refused_by_name(opened, options):
    with pytest.raises(ValueError, match=next(iter(options))):
        opened().stream.batches(0, BATCH, 0, **options)
