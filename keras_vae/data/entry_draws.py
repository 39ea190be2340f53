"""Random numbers that belong to an entry of an example, independent of the batch it is in."""

import tensorflow as tf

__all__ = ["draw_key", "uniform_entries"]

GOLDEN = 0x9E3779B97F4A7C15


def draw_key(*numbers: int | tf.Tensor) -> tf.Tensor:
    """A uint64 key from integers, or scalar integer tensors; any other numbers give another."""
    key = tf.constant(0, tf.uint64)
    for number in numbers:
        key = _mixed(key + _uint64(GOLDEN) * (tf.cast(number, tf.uint64) + _uint64(1)))
    return key


def uniform_entries(key: tf.Tensor, rows: tf.Tensor, shape: tuple[int, ...]) -> tf.Tensor:
    """Uniform draws in [0, 1) for each entry of the given examples.

    The splitmix64 generator at the place row * entries + entry of its sequence (Steele, Lea &
    Flood 2014, "Fast splittable pseudorandom number generators", OOPSLA), 24 of its 64 bits.

    Args:
        key: uint64 scalar, see `draw_key`.
        rows: int64 (batch,), which examples they are.
        shape: of one example.

    Returns:
        float32 (batch, *shape).
    """
    entries = tf.TensorShape(shape).num_elements()
    place = rows[:, None] * entries + tf.range(entries, dtype=tf.int64)
    bits = _mixed(key + _uint64(GOLDEN) * (tf.cast(place, tf.uint64) + _uint64(1)))
    uniform = tf.cast(tf.bitwise.right_shift(bits, _uint64(40)), "float32") / 2**24
    return tf.reshape(uniform, (-1, *shape))


def _mixed(z: tf.Tensor) -> tf.Tensor:
    """The finalizer of splitmix64, with the constants of its paper."""
    z = tf.bitwise.bitwise_xor(z, tf.bitwise.right_shift(z, _uint64(30)))
    z *= _uint64(0xBF58476D1CE4E5B9)
    z = tf.bitwise.bitwise_xor(z, tf.bitwise.right_shift(z, _uint64(27)))
    z *= _uint64(0x94D049BB133111EB)
    return tf.bitwise.bitwise_xor(z, tf.bitwise.right_shift(z, _uint64(31)))


def _uint64(number: int) -> tf.Tensor:
    return tf.constant(number, tf.uint64)
