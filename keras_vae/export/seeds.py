"""A seed per row -> the stateless seeds of its draws.

A server batches the rows of many clients together. Draws that depend on nothing but the row's own
seed do not depend on who else is in the batch, and leave no state behind.
"""

import tensorflow as tf

__all__ = ["latent_seed", "pixel_seed"]


def latent_seed(seed: tf.Tensor) -> tf.Tensor:
    """int64 scalar -> the int32 pair for draws of z: its lower and its upper half."""
    return tf.bitcast(seed, tf.int32)


def pixel_seed(seed: tf.Tensor) -> tf.Tensor:
    """int64 scalar -> an int32 pair of its own for draws of x, independent of those of z."""
    return tf.random.fold_in(latent_seed(seed), 1)
