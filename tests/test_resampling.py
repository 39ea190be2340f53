"""Systematic resampling, against the shares that it must give."""

import numpy as np
import tensorflow as tf

from keras_vae.resampling import chosen_of, resampled
from keras_vae.sampling import Sampling


def test_each_draw_is_taken_as_often_as_its_weight_says():
    rng = np.random.default_rng(0)
    weights = rng.dirichlet(np.ones(6), 5).T.astype("float32")  # (6, 5)
    offsets = (np.arange(1000) + 0.5) / 1000
    taken = np.zeros((6, 5))
    for offset in offsets:
        rows = resampled(tf.constant(weights), 4, tf.fill([5], np.float32(offset))).numpy()
        assert rows.shape == (4, 5)
        counts = np.stack([np.bincount(rows[:, i], minlength=6) for i in range(5)], axis=1)
        assert (np.abs(counts - 4 * weights) < 1 + 1e-5).all()  # rounded down or up
        taken += counts
    np.testing.assert_allclose(taken / 1000, 4 * weights, atol=2e-3)


def test_weights_whose_sum_rounds_to_less_than_one_choose_the_last():
    weights = tf.constant([[0.5], [0.4999]])
    assert resampled(weights, 1, tf.constant([0.99995])).numpy().tolist() == [[1]]
    alone = resampled(tf.constant([[0.0], [1.0], [0.0]]), 3, tf.constant([0.0])).numpy()
    assert alone.ravel().tolist() == [1, 1, 1]


def test_chosen_values_are_those_of_the_same_example():
    values = np.arange(24).reshape(3, 4, 2)
    rows = np.array([[0, 1, 2, 0], [2, 2, 1, 0]])
    chosen = chosen_of(tf.constant(values), tf.constant(rows)).numpy()
    expected = [[values[k, i] for i, k in enumerate(row)] for row in rows]
    np.testing.assert_array_equal(chosen, expected)


def test_offsets_are_uniform_and_follow_their_seed():
    layer = Sampling(seed=3)
    seed = layer.next_seed()
    u = layer.offsets(20_000, seed).numpy()
    assert u.min() >= 0
    assert u.max() < 1
    # 5 standard errors of the mean and the variance of U[0, 1)
    assert abs(u.mean() - 0.5) < 5 / np.sqrt(12 * 20_000)
    assert abs(u.var() - 1 / 12) < 5 * np.sqrt(1 / 180 / 20_000)
    np.testing.assert_array_equal(u, layer.offsets(20_000, seed))
    assert not np.array_equal(u, layer.offsets(20_000, layer.next_seed()))
