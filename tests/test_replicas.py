import numpy as np
import tensorflow as tf

from keras_vae.replicas import own_rows, replica_count

ROWS = np.arange(12.0).reshape(6, 2)


def test_without_a_strategy_there_is_one_replica_with_all_rows():
    assert replica_count() == 1
    np.testing.assert_array_equal(own_rows(tf.constant(ROWS)), ROWS)


def test_replicas_divide_the_rows_among_them(two_devices):
    with two_devices.scope():
        assert replica_count() == 2
    rows = tf.function(lambda: two_devices.run(lambda: own_rows(tf.constant(ROWS))))()
    np.testing.assert_array_equal(np.concatenate(rows.values), ROWS)
    assert [part.shape[0] for part in rows.values] == [3, 3]


def test_outside_of_replicas_nothing_is_divided(two_devices):
    with two_devices.scope():
        np.testing.assert_array_equal(own_rows(tf.constant(ROWS)), ROWS)
