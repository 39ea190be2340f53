"""The replicas of `tf.distribute`, among which one batch is divided."""

import tensorflow as tf

__all__ = ["own_rows", "replica_count"]


def replica_count(strategy=None):
    """How many replicas train together, by default in the present scope."""
    return (strategy or tf.distribute.get_strategy()).num_replicas_in_sync


def own_rows(values):
    """This replica's rows of a tensor that all replicas have alike: an equal block each."""
    context = tf.distribute.get_replica_context()
    if context is None or replica_count() == 1:
        return values
    count = tf.shape(values)[0] // replica_count()
    first = context.replica_id_in_sync_group * count
    return values[first : first + count]
