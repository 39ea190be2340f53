import numpy as np
import pytest

from keras_vae import DataError, load_data
from keras_vae.data import StreamBatches

GRAY = np.random.default_rng(0).integers(0, 256, (240, 4, 4)).astype("uint8")
BATCH, STEPS = 20, 9  # 192 of 240 are for training


@pytest.fixture
def stream(tmp_path):
    np.save(tmp_path / "gray.npy", GRAY)
    return load_data(tmp_path / "gray.npy", stream=True).stream


def epoch_of(batches, epoch, step=0, limit=4):
    batches.begin(epoch, step)
    taken = []
    while True:
        count, (x,) = batches.take(limit)
        assert x.shape[0] == limit
        if count == 0:
            return taken
        taken += [batches.examples(part).numpy() for part in x[: int(count)]]


def test_the_batches_are_those_of_the_stream_however_many_are_taken_at_a_time(stream):
    batches = StreamBatches(stream, BATCH, "dynamic", seed=3)
    for epoch in (0, 2):
        expected = list(stream.batches(epoch, BATCH, 3, "dynamic").as_numpy_iterator())
        assert len(expected) == batches.steps == STEPS
        for limit in (1, 4, STEPS):
            np.testing.assert_array_equal(epoch_of(batches, epoch, limit=limit), expected)
        assert (batches.epoch, batches.step) == (epoch, STEPS)


def test_an_epoch_can_be_entered_at_any_step(stream):
    batches = StreamBatches(stream, BATCH)
    whole = epoch_of(batches, 1)
    for step in (1, 4, STEPS - 1):
        np.testing.assert_array_equal(epoch_of(batches, 1, step), whole[step:])
    assert epoch_of(batches, 1, STEPS) == []


def test_the_parts_of_two_workers_are_the_whole(stream):
    whole = epoch_of(StreamBatches(stream, BATCH), 0)
    parts = [epoch_of(StreamBatches(stream, BATCH, shard=(index, 2)), 0) for index in (0, 1)]
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)


def test_data_that_disappear_are_one_line(stream, tmp_path):
    batches = StreamBatches(stream, BATCH)
    (tmp_path / "gray.npy").unlink()
    with pytest.raises(DataError, match=r"gray\.npy"):
        epoch_of(batches, 0)


def floats(tmp_path, last):
    """A stream of a thousand tables, and one value among them that a sample does not show."""
    x = np.random.default_rng(0).random((1000, 3)).astype("float32")
    x[700:, 1] = last
    np.save(tmp_path / "floats.npy", x)
    return load_data(tmp_path / "floats.npy", stream=True).stream


@pytest.mark.parametrize(
    ("support", "binarization"), [((0, 1), "none"), ((-np.inf, np.inf), "dynamic")]
)
def test_values_that_the_likelihood_or_the_binarisation_cannot_describe_are_refused_when_read(
    tmp_path, support, binarization
):
    batches = StreamBatches(floats(tmp_path, 7.0), BATCH, binarization)
    batches.must_lie_in(support)
    with pytest.raises(DataError, match=r"floats\.npy.* holds values outside \[0, 1\]"):
        epoch_of(batches, 0)


def test_values_in_the_range_of_the_likelihood_are_read(tmp_path):
    batches = StreamBatches(floats(tmp_path, 7.0), BATCH)
    batches.must_lie_in((-np.inf, np.inf))
    assert np.max(epoch_of(batches, 0)) == 7.0


def test_a_mask_beside_a_stream_is_refused(tmp_path):
    stream = floats(tmp_path, 0.5)
    with pytest.raises(DataError, match="masks are not read from disk"):
        StreamBatches({"x": stream, "mask": np.ones((1000, 3))}, BATCH)


def test_a_condition_comes_with_the_example_that_it_is_of(tmp_path):
    numbers = np.arange(1000.0).reshape(-1, 1) * np.ones(3)
    np.save(tmp_path / "numbers.npy", numbers)
    stream = load_data(tmp_path / "numbers.npy", stream=True).stream
    told = stream.with_condition((numbers[:, :2] * 2).astype("float32"))
    batches = StreamBatches(told, BATCH)
    assert (batches.condition_shape, stream.condition) == ((2,), None)
    batches.begin(1, 3)
    count, parts = batches.take(4)
    assert (int(count), len(parts)) == (4, 2)
    for x, condition in zip(*parts, strict=True):
        batch = batches.examples(x, condition)
        np.testing.assert_array_equal(batch["condition"], 2 * np.asarray(batch["x"])[:, :2])
    batches.begin(1, batches.steps)
    count, (x, condition) = batches.take(2)
    assert (int(count), x.shape, condition.shape) == (0, (2, BATCH, 3), (2, BATCH, 2))
