import keras
import numpy as np
import pytest
import reference
import tensorflow as tf

from keras_vae import DataError
from keras_vae.data import TrainingBatches, binarize
from keras_vae.data.batches import _thresholds

# 23 examples that can be told apart; 23 is not a multiple of the batch size
NUMBERED = np.repeat(np.arange(23, dtype="float32")[:, None], 3, axis=1)
GRAY = np.random.default_rng(0).random((23, 4, 5)).astype("float32")
BATCH = 5
STEPS = 4


def epoch_of(batches, epoch, step=0, limit=3):
    """The batches from a step of an epoch on, taken a few at a time."""
    batches.begin(epoch, step)
    taken = []
    while True:
        count, parts = batches.take(limit)
        if count == 0:
            return taken
        (values,) = parts
        assert values.shape[0] == limit
        for batch in values[: int(count)]:
            taken.append(batches.examples(batch).numpy().astype("float32"))


def stream(x, binarization, seed=0, epochs=3, first_epoch=0):
    batches = TrainingBatches(x, BATCH, binarization, seed)
    return [batch for epoch in range(first_epoch, epochs) for batch in epoch_of(batches, epoch)]


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


@pytest.mark.parametrize("binarization", ["dynamic", "none"])
def test_batches_do_not_depend_on_how_many_are_taken_at_a_time_nor_on_where_one_enters(
    binarization,
):
    batches = TrainingBatches(GRAY, BATCH, binarization, seed=3)
    whole = epoch_of(batches, 1, limit=STEPS)
    assert len(whole) == STEPS
    assert_equal(epoch_of(batches, 1, limit=1), whole)
    for step in range(STEPS + 1):
        assert_equal(epoch_of(batches, 1, step), whole[step:])


def test_it_says_where_training_is():
    batches = TrainingBatches(GRAY, BATCH)
    batches.begin(7, 1)
    batches.take(2)
    assert (int(batches.epoch), int(batches.step), batches.steps) == (7, 3, STEPS)
    batches.take(2)
    assert int(batches.step) == STEPS


def test_every_example_comes_once_an_epoch_but_for_those_too_few_for_a_batch():
    epochs = by_epoch(stream(NUMBERED, "none", epochs=30))
    for epoch in epochs:
        assert len(set(order(epoch))) == len(epoch) == 20
        np.testing.assert_array_equal(epoch, NUMBERED[order(epoch)])
    left_over = [frozenset(range(23)) - set(order(epoch)) for epoch in epochs]
    assert len(set(left_over)) > 20
    assert frozenset.union(*left_over) == set(range(23))


@pytest.mark.parametrize("examples", [1, 4, 5, 6, 23])
def test_all_batches_have_one_size_and_few_examples_are_one_batch(examples):
    batches = TrainingBatches(NUMBERED[:examples], BATCH)
    taken = epoch_of(batches, 0)
    assert len(taken) == batches.steps == max(1, examples // BATCH)
    assert {len(batch) for batch in taken} == {batches.batch_size} == {min(BATCH, examples)}


@pytest.mark.parametrize(
    ("x", "dtype"),
    [
        (np.float32([[0, 1]] * 5), "bool"),
        (np.arange(256, dtype="float32")[:, None] / np.float32(255), "uint8"),
        (np.float32([[0.1234], [0.5], [1.0]]), "float32"),
        (np.float32([[-1.0], [0.0], [1.0]]), "float32"),
        (np.float32([[2.0], [0.0], [1.0]]), "float32"),
    ],
)
def test_values_survive_their_compact_form_bit_for_bit(x, dtype):
    batches = TrainingBatches(x, len(x))
    assert batches._table.dtype == dtype
    (taken,) = epoch_of(batches, 0)
    np.testing.assert_array_equal(np.sort(taken, axis=0), np.sort(x, axis=0))


def test_the_order_differs_between_epochs_and_between_seeds():
    orders = [
        tuple(order(epoch))
        for seed in (0, 1, 2**31 - 1)
        for epoch in by_epoch(stream(NUMBERED, "none", seed=seed))
    ]
    assert len(set(orders)) == 9
    assert tuple(range(23)) not in orders


@pytest.mark.parametrize("binarization", ["static", "threshold"])
def test_pixels_that_are_drawn_once_are_the_same_every_epoch_up_to_order(binarization):
    expected = {row.tobytes() for row in binarize(GRAY, binarization, "train")}
    for epoch in by_epoch(stream(GRAY, binarization)):
        assert {row.tobytes() for row in epoch} <= expected


def test_dynamic_pixels_are_0_or_1_and_drawn_anew_every_epoch_and_for_every_seed():
    epochs = by_epoch(stream(GRAY, "dynamic")) + by_epoch(stream(GRAY, "dynamic", seed=1))
    assert set(np.unique(epochs)) == {0, 1}
    drawn = {sorted_rows(epoch).tobytes() for epoch in epochs}
    assert len(drawn) == 6


def test_dynamic_pixels_have_the_gray_level_as_their_mean():
    levels = np.float32([0.0, 0.02, 0.3, 0.5, 0.9, 1.0])
    x = np.tile(levels, (200, 1))
    batches = TrainingBatches(x, 50, "dynamic")
    drawn = np.concatenate([epoch_of(batches, epoch) for epoch in range(50)]).reshape(-1, 6)
    mean, error = reference.monte_carlo_mean(drawn)
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
    x = np.repeat(np.float32([[0.0], [1.0]]), [8, 12], axis=0) * np.ones((1, 6), "float32")
    for epoch in by_epoch(stream(x, "dynamic")):
        np.testing.assert_array_equal(sorted_rows(epoch), x)


def test_black_stays_black_and_white_white_and_levels_are_drawn_to_16_bits():
    levels = np.float32([0.0, 1e-6, 0.4, 0.99999, 1.0])
    thresholds = _thresholds(levels).astype(int)
    # 26213.5 / 2^16 < 0.4 < 26214.5 / 2^16
    np.testing.assert_array_equal(thresholds, [0, 0, 26214, 65535, 65535])
    bits = np.minimum(np.arange(2**16), 2**16 - 2)  # as `take` bounds them
    probability = (bits[:, None] < thresholds).mean(axis=0)
    assert (probability[0], probability[-1]) == (0, 1)
    np.testing.assert_allclose(probability, levels, rtol=0, atol=1.6e-5)


# ---- masks and conditions ----------------------------------------------------------------

MASK = np.random.default_rng(5).random(GRAY.shape) < 0.7
NUMBERS = np.arange(23, dtype="float32")[:, None]


def parts_of_epoch(batches, epoch=1):
    """The dictionaries of an epoch, put together."""
    batches.begin(epoch)
    count, parts = batches.take(STEPS)
    taken = [batches.examples(*(part[step] for part in parts)) for step in range(int(count))]
    return {name: np.concatenate([each[name] for each in taken]) for name in taken[0]}


@pytest.mark.parametrize("binarization", ["dynamic", "static", "none"])
@pytest.mark.parametrize("names", [["mask"], ["condition"], ["mask", "condition"]])
def test_masks_and_conditions_stay_with_their_examples(binarization, names):
    beside = {"mask": MASK, "condition": NUMBERS}
    given = {"x": GRAY, **{name: beside[name] for name in names}}
    batches = TrainingBatches(given, BATCH, binarization, seed=3)
    assert batches.condition_shape == ((1,) if "condition" in names else None)
    taken = parts_of_epoch(batches)
    assert list(taken) == ["x", *names]
    alone = epoch_of(TrainingBatches(GRAY, BATCH, binarization, seed=3), 1)
    rows = np.concatenate(epoch_of(TrainingBatches(NUMBERS, BATCH, seed=3), 1)).astype(int)[:, 0]
    observed = MASK[rows] if "mask" in names else 1
    # what is observed is drawn as without a mask, bit for bit
    np.testing.assert_array_equal(taken["x"], np.concatenate(alone) * observed)
    for name in names:
        assert taken[name].dtype == "float32"
        np.testing.assert_array_equal(taken[name], beside[name][rows])


def test_a_mask_and_a_table_take_one_byte_an_entry_and_nan_may_stand_where_it_is_0():
    x = np.where(MASK, np.rint(GRAY * 255) / np.float32(255), np.float32(np.nan))
    batches = TrainingBatches({"x": x, "mask": MASK.astype("float32")}, BATCH)
    _, parts = batches.take(1)
    assert [part.dtype for part in parts] == [tf.uint8, tf.bool]
    taken = parts_of_epoch(batches)
    assert np.isfinite(taken["x"]).all()
    assert (taken["x"][taken["mask"] == 0] == 0).all()


def test_parts_that_do_not_fit_are_refused():
    with pytest.raises(DataError, match="x: mask has shape"):
        TrainingBatches({"x": GRAY, "mask": MASK[:5]}, BATCH)


def test_each_replica_has_its_own_rows_of_every_part(two_devices):
    given = {"x": NUMBERS, "condition": 10 * NUMBERS}
    batches = TrainingBatches(given, 4)
    _, parts = batches.take(1)

    def own(*parts):
        return batches.examples(*(part[0] for part in parts))

    found = two_devices.experimental_local_results(two_devices.run(own, parts))
    halves = [
        {n: p.numpy() for n, p in each.items()}
        for each in (found if isinstance(found, tuple) else [found])
    ]
    assert [len(half["x"]) for half in halves] == [2, 2]
    for half in halves:
        np.testing.assert_array_equal(half["condition"], 10 * half["x"])
    assert len({*halves[0]["x"].ravel(), *halves[1]["x"].ravel()}) == 4


@pytest.mark.parametrize("kind", [lambda x: x, lambda x: {"x": x, "mask": np.ones_like(x)}])
def test_8_bit_counts_are_refused_and_any_other_dtype_holds_what_float32_does(kind):
    x = np.arange(12, dtype="uint8").reshape(4, 3)
    with pytest.raises(DataError, match=r"8-bit counts up to 11.*x / 255"):
        TrainingBatches(kind(x), 2)
    np.testing.assert_array_equal(TrainingBatches(kind(x.astype("int64")), 2).table, x)
    assert TrainingBatches(kind(x // 6), 2).table.dtype == "bool"
