"""Training batches as a tf.data pipeline that is a pure function of (seed, epoch, step)."""

import tensorflow as tf

from keras_vae.data.protocol import binarize

__all__ = ["steps_per_epoch", "training_batches"]


def steps_per_epoch(examples, batch_size):
    """Batches in one pass; the last may be short."""
    return -(-examples // batch_size)


def training_batches(x, batch_size, binarization, seed, epochs, first_epoch=0):
    """Batches of all epochs in one stream: each epoch in a new order, binarised as asked.

    Order and pixels depend on `seed`, epoch and step alone, so that a run can be repeated, or
    entered at a later epoch. Drawn outside the training step: inside an XLA-compiled step the
    same draw takes many times longer on a CPU.

    Args:
        x: float32 (N, *event_shape), in [0, 1] if it is to be binarised.
        batch_size: examples a batch; the last batch of an epoch may be shorter.
        binarization: `"dynamic"`, `"static"`, `"threshold"` or `"none"`.
        seed: integer.
        epochs: the stream ends after this epoch; see `steps_per_epoch`.
        first_epoch: where the stream begins.

    Returns:
        `tf.data.Dataset` of float32 (batch, *event_shape).
    """
    is_dynamic = binarization == "dynamic"
    x = tf.convert_to_tensor(x if is_dynamic else binarize(x, binarization, "train"))

    def epoch_batches(epoch):
        epoch_seed = tf.random.experimental.stateless_fold_in([seed, 0], epoch)

        def batch(step, rows):
            values = tf.gather(x, rows)
            if not is_dynamic:
                return values
            step_seed = tf.random.experimental.stateless_fold_in(epoch_seed, step + 1)
            uniform = tf.random.stateless_uniform(tf.shape(values), step_seed)
            # x ~ Bernoulli(gray level)
            return tf.cast(uniform < values, "float32")

        order = tf.random.experimental.stateless_shuffle(tf.range(len(x)), epoch_seed)
        rows = tf.data.Dataset.from_tensor_slices(order).batch(batch_size)
        return rows.enumerate().map(batch, num_parallel_calls=tf.data.AUTOTUNE)

    epoch_numbers = tf.data.Dataset.range(first_epoch, epochs)
    return epoch_numbers.flat_map(epoch_batches).prefetch(tf.data.AUTOTUNE)
