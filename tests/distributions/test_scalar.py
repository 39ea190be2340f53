import tensorflow as tf
from tensorflow_probability import distributions as tfd

from keras_vae.distributions.scalar import Scalar


class Between(Scalar):
    """Uniform between two numbers."""

    NAMES = ("low", "high")

    def _log_prob(self, x):
        return tf.where((x >= self.low) & (x <= self.high), -tf.math.log(self.high - self.low), 0)

    def _sample_n(self, n, seed=None):
        return tfd.Uniform(self.low, self.high).sample(n, seed=seed)


def test_parameters_broadcast_and_each_entry_is_an_event_of_its_own():
    p = Between(low=tf.zeros([5, 1]), high=tf.constant([1.0, 2.0, 4.0]))
    assert (p.batch_shape, p.event_shape, p.dtype) == ((5, 3), (), tf.float32)
    assert p.sample(7, seed=(0, 1)).shape == (7, 5, 3)
    rows = tfd.Independent(p, 1)
    assert (rows.batch_shape, rows.event_shape) == ((5,), (3,))
    assert rows.log_prob(tf.ones([2, 1, 3])).shape == (2, 5)


def test_the_shape_is_known_in_a_graph_where_the_number_of_rows_is_not():
    @tf.function(input_signature=[tf.TensorSpec((None, 3))])
    def drawn(low):
        p = Between(low=low, high=tf.ones([3]))
        assert p.batch_shape.as_list() == [None, 3]
        return p.sample(2, seed=(0, 1))

    assert drawn(tf.zeros([4, 3])).shape == (2, 4, 3)
