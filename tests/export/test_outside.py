import numpy as np
import pytest
import tensorflow as tf

from keras_vae.export.outside import mark_rows

NAN, INF = np.nan, np.inf
ROWS = np.float32(
    [[0, 1], [0.5, 0.5], [0.5, 1.5], [-0.1, 0], [INF, 0], [0, -INF], [NAN, 0], [NAN, 255]]
)
SCORE = ("elbo", "distortion", "importance_weighted_bound", "rate")


def marked(support, names=SCORE, shape=()):
    """What becomes of answers of 1 to `ROWS`."""
    given = tf.constant(ROWS)
    outputs = {name: tf.ones([len(ROWS), *shape]) for name in names}
    return {name: rows.numpy() for name, rows in mark_rows(outputs, given, support).items()}


def test_what_has_probability_0_has_a_score_of_minus_infinity_and_nan_is_nan():
    score = marked((0, 1))
    for name in ("elbo", "importance_weighted_bound"):
        np.testing.assert_array_equal(score[name], [1, 1, -INF, -INF, -INF, -INF, NAN, NAN])
    np.testing.assert_array_equal(score["distortion"], [1, 1, INF, INF, INF, INF, NAN, NAN])
    np.testing.assert_array_equal(score["rate"], [1, 1, *[NAN] * 6])


def test_what_has_no_probability_is_nan_wherever_it_is_outside():
    outputs = {name: tf.ones([len(ROWS)]) for name in SCORE}
    for rows in mark_rows(outputs, tf.constant(ROWS), (0, 1), {}).values():
        np.testing.assert_array_equal(rows, [1, 1, *[NAN] * 6])


def test_without_limits_only_infinities_are_outside():
    score = marked((-INF, INF))
    np.testing.assert_array_equal(score["elbo"], [1, 1, 1, 1, -INF, -INF, NAN, NAN])


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 1)])
def test_of_answers_of_any_shape_the_whole_row_is_marked(shape):
    rows = marked((0, 1), ["z_mean"], shape)["z_mean"]
    assert rows.shape == (len(ROWS), *shape)
    assert (rows[:2] == 1).all()
    assert np.isnan(rows[2:]).all()
