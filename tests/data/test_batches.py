import keras
import numpy as np
import pytest
import reference

from keras_vae.data import binarize, steps_per_epoch, training_batches

# 23 examples that can be told apart; 23 is not a multiple of the batch size
NUMBERED = np.repeat(np.arange(23, dtype="float32")[:, None], 3, axis=1)
GRAY = np.random.default_rng(0).random((23, 4, 5)).astype("float32")
BATCH = 5
STEPS = 5


def stream(x, binarization, seed=0, epochs=3, first_epoch=0):
    batches = training_batches(x, BATCH, binarization, seed, epochs, first_epoch)
    return list(batches.as_numpy_iterator())


def by_epoch(batches):
    """Each epoch's examples in order, one array an epoch."""
    starts = range(0, len(batches), STEPS)
    return [np.concatenate(batches[start : start + STEPS]) for start in starts]


def order(epoch):
    return epoch[:, 0].astype(int).tolist()


def assert_equal(first, second):
    assert len(first) == len(second)
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


def sorted_rows(x):
    x = x.reshape(len(x), -1)
    return x[np.lexsort(x.T)]


@pytest.mark.parametrize("binarization", ["dynamic", "static", "threshold", "none"])
def test_one_seed_gives_one_stream_bit_for_bit_whatever_the_global_seeds(binarization):
    keras.utils.set_random_seed(1)
    first = stream(GRAY, binarization)
    keras.utils.set_random_seed(2)
    assert_equal(first, stream(GRAY, binarization))


@pytest.mark.parametrize("binarization", ["dynamic", "static"])
@pytest.mark.parametrize("first_epoch", [1, 2, 3])
def test_a_stream_entered_late_is_the_tail_of_the_whole_bit_for_bit(binarization, first_epoch):
    whole = stream(GRAY, binarization)
    late = stream(GRAY, binarization, first_epoch=first_epoch)
    assert_equal(late, whole[first_epoch * STEPS :])


def test_a_longer_training_begins_as_the_shorter_one():
    assert_equal(stream(GRAY, "dynamic", epochs=1), stream(GRAY, "dynamic", epochs=3)[:STEPS])


def test_every_example_comes_once_an_epoch():
    epochs = by_epoch(stream(NUMBERED, "none"))
    assert len(epochs) == 3
    for epoch in epochs:
        assert sorted(order(epoch)) == list(range(23))
        np.testing.assert_array_equal(epoch, NUMBERED[order(epoch)])


def test_the_last_short_batch_is_kept():
    batches = stream(NUMBERED, "none", epochs=2)
    assert [len(batch) for batch in batches] == [5, 5, 5, 5, 3] * 2


def test_the_order_differs_between_epochs_and_between_seeds():
    orders = [
        tuple(order(epoch))
        for seed in (0, 1, 2**31 - 1)
        for epoch in by_epoch(stream(NUMBERED, "none", seed=seed))
    ]
    assert len(set(orders)) == 9
    assert tuple(range(23)) not in orders


@pytest.mark.parametrize("examples", [1, 4, 5, 6, 23])
def test_the_steps_of_an_epoch_are_the_batches_of_the_stream(examples):
    assert steps_per_epoch(examples, BATCH) == len(stream(NUMBERED[:examples], "none", epochs=1))


@pytest.mark.parametrize("binarization", ["static", "threshold"])
def test_pixels_that_are_drawn_once_are_the_same_every_epoch_up_to_order(binarization):
    expected = sorted_rows(binarize(GRAY, binarization, "train"))
    for epoch in by_epoch(stream(GRAY, binarization)):
        np.testing.assert_array_equal(sorted_rows(epoch), expected)


def test_dynamic_pixels_are_0_or_1_and_drawn_anew_every_epoch_and_for_every_seed():
    epochs = by_epoch(stream(GRAY, "dynamic")) + by_epoch(stream(GRAY, "dynamic", seed=1))
    assert set(np.unique(epochs)) == {0, 1}
    drawn = {sorted_rows(epoch).tobytes() for epoch in epochs}
    assert len(drawn) == 6


def test_dynamic_pixels_have_the_gray_level_as_their_mean():
    levels = np.float32([0.0, 0.02, 0.3, 0.5, 0.9, 1.0])
    x = np.tile(levels, (200, 1))
    batches = training_batches(x, 64, "dynamic", seed=0, epochs=50)
    mean, error = reference.monte_carlo_mean(np.concatenate(list(batches.as_numpy_iterator())))
    assert (np.abs(mean - levels) <= 4 * error + 1e-12).all()


def test_no_two_steps_no_two_examples_and_no_two_pixels_share_their_draws():
    half = np.full((4 * BATCH, 400), 0.5, "float32")
    rows = np.concatenate(stream(half, "dynamic", epochs=2))
    # the correlation of independent draws has standard error 1 / sqrt(400) = 0.05; 780 pairs
    correlations = np.corrcoef(rows)[np.triu_indices(len(rows), 1)]
    assert np.abs(correlations).max() < 6 * 0.05
    assert abs(np.corrcoef(rows[:, :-1].ravel(), rows[:, 1:].ravel())[0, 1]) < 4 / np.sqrt(15960)


def test_dynamic_pixels_stay_with_the_example_that_was_drawn():
    # an example is all 0 or all 1, so that its draw shows which one it is
    x = np.repeat(np.float32([[0.0], [1.0]]), [8, 15], axis=0) * np.ones((1, 6), "float32")
    for epoch in by_epoch(stream(x, "dynamic")):
        np.testing.assert_array_equal(sorted_rows(epoch), x)
