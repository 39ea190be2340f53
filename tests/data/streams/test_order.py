import numpy as np
import pytest
from scipy import stats

from keras_vae.data.sources.block_and_window import block_and_window
from keras_vae.data.streams.order import StreamOrder


def epoch_of(order, epoch=0):
    return np.concatenate([order.window(epoch, window) for window in range(order.windows)])


@pytest.mark.parametrize(
    ("examples", "batch", "block", "window"),
    [(120, 10, 4, 40), (120, 10, 7, 35), (121, 11, 1, 1), (96, 8, 64, 1000), (50, 50, 8, 16)],
)
def test_an_epoch_of_whole_batches_takes_every_example_once(examples, batch, block, window):
    taken = epoch_of(StreamOrder(examples, batch, block, window, seed=0))
    assert taken.shape == (examples // batch, batch)
    np.testing.assert_array_equal(np.sort(taken.reshape(-1)), np.arange(examples))


@pytest.mark.parametrize(("block", "window"), [(4, 40), (1, 1), (7, 1000), (200, 30)])
def test_what_is_too_little_for_a_batch_sits_out_by_chance(block, window):
    order = StreamOrder(127, 10, block, window, seed=0)
    taken = np.zeros(127)
    for epoch in range(400):
        rows = epoch_of(order, epoch).reshape(-1)
        assert len(rows) == len(set(rows.tolist())) == 120
        taken[rows] += 1
    # each example sits out with probability 7/127; neighbours may do so together
    assert abs(400 - taken - 400 * 7 / 127).max() < 5 * np.sqrt(400 * 7 / 127)


def test_one_seed_and_epoch_give_one_order_and_others_give_others():
    def order(seed, epoch):
        return epoch_of(StreamOrder(1_000, 10, 4, 100, seed), epoch).reshape(-1)

    np.testing.assert_array_equal(order(3, 5), order(3, 5))
    # two independent permutations agree in one place on average
    for other in (order(3, 6), order(4, 5), order(5, 3)):
        assert np.count_nonzero(order(3, 5) == other) < 8


def test_a_window_does_not_depend_on_which_were_asked_before():
    first, second = (StreamOrder(1_000, 10, 4, 100, seed=0) for _ in range(2))
    epoch_of(first, 0)
    np.testing.assert_array_equal(first.window(1, 3), second.window(1, 3))


def test_all_windows_but_the_last_have_the_same_whole_number_of_batches():
    order = StreamOrder(1_000, 30, 4, 100, seed=0)
    assert (order.steps, order.steps_per_window, order.windows) == (33, 3, 11)
    assert [len(order.window(0, window)) for window in range(11)] == [3] * 11
    order = StreamOrder(1_000, 30, 4, 300, seed=0)
    assert [len(order.window(0, window)) for window in range(order.windows)] == [9, 9, 9, 6]
    order = StreamOrder(1_000, 30, 4, 10, seed=0)
    assert (order.steps_per_window, order.windows) == (1, 33)


def test_a_block_comes_in_one_window_or_in_two_adjoining_ones():
    order = StreamOrder(10_000, 10, 8, 500, seed=0)
    window_of = np.empty(10_000, int)
    window_of[epoch_of(order).reshape(-1)] = np.repeat(np.arange(20), 500)
    together = np.abs(np.diff(window_of)) <= 1
    # 7 of 8 neighbours share a block; others meet by chance with probability about 3/20
    assert together.mean() > 7 / 8
    assert together.mean() < 7 / 8 + 0.05


def test_an_example_comes_anywhere_in_the_epoch():
    order = StreamOrder(1_000, 10, 8, 100, seed=0)
    places = np.array([np.argmax(epoch_of(order, epoch).reshape(-1) == 17) for epoch in range(500)])
    assert stats.kstest((places + 0.5) / 1_000, "uniform").pvalue > 0.01


def test_blocks_begin_elsewhere_in_each_epoch():
    def is_start(epoch):
        order = StreamOrder(1_000, 10, 10, 10, seed=0)  # a window is a batch is a block
        return {
            int(batch.min()) % 10 for batch in epoch_of(order, epoch)[:50] if np.ptp(batch) < 10
        }

    starts = [is_start(epoch) for epoch in range(20)]
    assert all(len(start) == 1 for start in starts)
    assert len(set.union(*starts)) > 5


def chi_squares(batches, classes):
    """The chi-square statistic of each batch's classes against equal shares."""
    counts = np.stack([np.bincount(classes[batch], minlength=10) for batch in batches])
    expected = batches.shape[1] / 10
    return ((counts - expected) ** 2 / expected).sum(axis=1)


def test_batches_of_data_sorted_by_class_have_the_class_mix_of_a_uniform_draw():
    block, window = block_and_window(784)
    order = StreamOrder(60_000, 128, block, window, seed=0)
    statistics = chi_squares(epoch_of(order), np.arange(60_000) // 6_000)
    # nine degrees of freedom a batch
    assert stats.chi2.sf(statistics.sum(), 9 * len(statistics)) > 0.01
    assert stats.kstest(statistics, stats.chi2(9).cdf).pvalue > 0.01


def test_every_window_of_sorted_data_has_the_same_mix_though_batches_are_random():
    order = StreamOrder(81_920, 128, 64, 64 * 32, seed=1)
    classes = np.arange(81_920) // 8_192
    windows = np.stack([order.window(0, window).reshape(-1) for window in range(order.windows)])
    # shares of 32 random blocks would vary by sqrt(0.1 * 0.9 / 32) = 0.05
    shares = np.stack([np.bincount(classes[window], minlength=10) for window in windows]) / 2048
    assert shares.std() < 0.02


@pytest.mark.parametrize(("block", "blocks"), [(64, 32), (16, 128), (1, 2048)])
def test_neighbours_that_are_alike_show_in_a_batch_no_more_than_the_design_effect_says(
    block, blocks
):
    batch, length = 128, 256
    order = StreamOrder(163_840, batch, block, block * blocks, seed=1)
    # stretches of one class each, in a random order
    classes = np.random.default_rng(0).permutation(np.arange(640) % 10).repeat(length)
    epochs = [chi_squares(epoch_of(order, epoch), classes) for epoch in range(4)]
    effect = 1 + (batch - 1) * (block - 1) / (block * blocks - 1)
    # batches of one window have the same mix: so many independent windows
    error = effect * np.sqrt(2 / (9 * 4 * order.windows))
    assert 1 + 0.6 * (effect - 1) - 4 * error < np.mean(epochs) / 9 < effect + 4 * error
