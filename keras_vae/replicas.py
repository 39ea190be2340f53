"""The replicas of `tf.distribute`, among which one batch is divided."""

import tensorflow as tf

__all__ = ["own_rows", "replica_count"]


def replica_count(strategy: tf.distribute.Strategy | None = None) -> int:
    """How many replicas train together, by default in the present scope."""
    return (strategy or tf.distribute.get_strategy()).num_replicas_in_sync


def own_rows(values: tf.Tensor, processes: int = 1) -> tf.Tensor:
    """This replica's rows of a tensor that all replicas have alike: an equal block each.

    Args:
        values: tensor of all rows, or of those that belong to this process.
        processes: among how many the rows were divided before.
    """
    context = tf.distribute.get_replica_context()
    replicas = replica_count() // processes
    if context is None or replicas <= 1:
        return values
    count = tf.shape(values)[0] // replicas
    first = context.replica_id_in_sync_group % replicas * count
    return values[first : first + count]
