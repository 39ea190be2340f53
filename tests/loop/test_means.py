import numpy as np
import pytest
import tensorflow as tf

from keras_vae.loop.means import Means


def result(means):
    return {name: float(value) for name, value in means.result().items()}


def test_the_means_are_those_of_all_examples_whatever_the_batches():
    values = np.random.default_rng(0).standard_normal((2, 10)).astype("float32")
    means = Means(("elbo", "rate"))
    for rows in (slice(0, 4), slice(4, 5), slice(5, 10)):
        elbo, rate = (tf.constant(value[rows]) for value in values)
        # by name, in whatever order
        means.update_state({"rate": rate, "elbo": elbo}, tf.ones_like(elbo))
    expected = values.astype("float64").mean(axis=1)
    assert result(means) == pytest.approx(dict(zip(("elbo", "rate"), expected, strict=True)), 1e-14)


def test_weights_count_examples_more_or_less():
    means = Means(("elbo",))
    means.update_state({"elbo": tf.constant([1.0, 2.0])}, tf.constant([1.0, 3.0]))
    means.update_state({"elbo": tf.constant([5.0])}, tf.constant([4.0]))
    assert result(means) == {"elbo": (1 + 6 + 20) / 8}


def test_before_the_first_example_and_after_a_reset_they_are_0():
    means = Means(("elbo", "rate"))
    assert result(means) == {"elbo": 0, "rate": 0}
    means.update_state({"elbo": tf.ones(3), "rate": tf.ones(3)}, tf.ones(3))
    assert result(means) == {"elbo": 1, "rate": 1}
    means.reset_state()
    assert result(means) == {"elbo": 0, "rate": 0}


def test_long_sums_keep_their_digits():
    means = Means(("elbo",))
    for _ in range(200):
        means.update_state({"elbo": tf.fill([1000], tf.constant(-140.1))}, tf.ones(1000))
    # 2e5 such numbers summed in float32 are off by 1e-3 and more
    assert result(means)["elbo"] == pytest.approx(float(np.float32(-140.1)), rel=1e-12)


def test_means_stay_at_the_first_batch_that_was_not_finite_so_that_its_culprit_shows():
    means = Means(("elbo", "rate"))
    means.update_state({"elbo": tf.ones(2), "rate": tf.ones(2)}, tf.ones(2))
    means.update_state(
        {"elbo": tf.constant([np.nan, 1.0]), "rate": tf.constant([1.0, 5.0])}, tf.ones(2)
    )
    for bad in (np.nan, np.inf):
        means.update_state({"elbo": tf.fill([2], bad), "rate": tf.fill([2], bad)}, tf.ones(2))
    assert np.isnan(result(means)["elbo"])
    assert result(means)["rate"] == 2
    means.reset_state()
    means.update_state({"elbo": tf.fill([2], np.inf), "rate": tf.ones(2)}, tf.ones(2))
    assert result(means) == {"elbo": np.inf, "rate": 1}
