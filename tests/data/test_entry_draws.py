import numpy as np
import tensorflow as tf
from scipy import stats

from keras_vae.data.entry_draws import draw_key, uniform_entries


def splitmix64(seed, count):
    """The generator as its paper writes it, one number after the other, in Python integers."""
    for _ in range(count):
        seed = (seed + 0x9E3779B97F4A7C15) % 2**64
        z = seed
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        yield z ^ (z >> 31)


def test_the_reference_gives_the_published_numbers():
    assert list(splitmix64(0, 2)) == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4]


def test_an_example_gets_the_24_leading_bits_of_its_part_of_the_sequence():
    key = draw_key(3, 4)
    u = uniform_entries(key, tf.constant([0, 5, 2], tf.int64), (2, 3)).numpy()
    sequence = np.array(list(splitmix64(int(key), 36)), "uint64").reshape(6, 2, 3)
    np.testing.assert_array_equal(u, (sequence[[0, 5, 2]] >> np.uint64(40)) / 2**24)
    assert u.dtype == "float32"


def test_draws_are_uniform():
    u = uniform_entries(draw_key(0), tf.range(2_000, dtype=tf.int64), (50,)).numpy().ravel()
    assert stats.kstest(u, "uniform").pvalue > 0.01
    assert 0 <= u.min() < u.max() < 1


def test_draws_of_neighbouring_examples_entries_and_keys_are_uncorrelated():
    rows = tf.range(2_000, dtype=tf.int64)
    u = uniform_entries(draw_key(0, 1), rows, (50,)).numpy()
    others = (
        (u[1:], u[:-1]),
        (u[:, 1:], u[:, :-1]),
        (u, uniform_entries(draw_key(0, 2), rows, (50,)).numpy()),
        (u, uniform_entries(draw_key(1, 1), rows, (50,)).numpy()),
        (u, uniform_entries(draw_key(1, 0), rows, (50,)).numpy()),
    )
    for first, second in others:
        correlation = np.corrcoef(first.ravel(), second.ravel())[0, 1]
        assert abs(correlation) < 4 / np.sqrt(first.size)


def test_keys_differ_and_a_tensor_gives_the_key_of_its_integer():
    numbers = [(0,), (1,), (0, 0), (0, 1), (1, 0), (0, 0, 0)]
    assert len({int(draw_key(*number)) for number in numbers}) == len(numbers)
    assert int(draw_key(7, tf.constant(3, tf.int64))) == int(draw_key(7, 3))
