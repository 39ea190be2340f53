import numpy as np
import pytest
import tensorflow as tf

from keras_vae.distributions import Categorical

RNG = np.random.default_rng(0)
LOGITS = np.float32(3 * RNG.normal(size=(4, 10)))
PARTS = np.split(np.arange(10), [3, 8])


def log_softmax(logits):
    logits = np.float64(logits)
    return logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True)


def test_each_column_has_the_softmax_of_its_own_logits():
    x = np.float32([[0, 4, 1], [2, 0, 0], [1, 1, 1], [0, 2, 0]])
    expected = [
        sum(log_softmax(row[part])[int(code)] for part, code in zip(PARTS, codes, strict=True))
        for row, codes in zip(LOGITS, x, strict=True)
    ]
    likelihood = Categorical((3, 5, 2))
    assert likelihood.parameter_shapes((3,)) == (10,)
    np.testing.assert_allclose(likelihood.log_prob(x, LOGITS), expected, rtol=1e-5)


def test_the_probabilities_of_all_rows_of_codes_sum_to_1_and_the_slope_is_that_of_the_softmax():
    likelihood = Categorical((3, 5, 2))
    x = np.float32([[i, j, k] for i in range(3) for j in range(5) for k in range(2)])
    logits = tf.constant(np.repeat(LOGITS[:1], 30, axis=0))
    with tf.GradientTape() as tape:
        tape.watch(logits)
        log_p = likelihood.log_prob(x, logits)
    assert np.exp(np.float64(log_p)).sum() == pytest.approx(1, abs=1e-6)
    # e_x - softmax
    expected = np.concatenate(
        [np.eye(len(part))[x[:, i].astype(int)] - np.exp(log_softmax(LOGITS[0, part]))
         for i, part in enumerate(PARTS)], axis=1)  # fmt: skip
    np.testing.assert_allclose(tape.gradient(log_p, logits), expected, atol=1e-6)


def test_tokens_have_logits_of_their_own_at_each_place():
    likelihood = Categorical(6)
    assert likelihood.parameter_shapes((4,)) == (4, 6)
    logits, tokens = np.float32(RNG.normal(size=(2, 4, 6))), RNG.integers(0, 6, (2, 4))
    expected = np.take_along_axis(log_softmax(logits), tokens[..., None], 2).sum(axis=(1, 2))
    np.testing.assert_allclose(
        likelihood.log_prob(tokens.astype("float32"), logits), expected, rtol=1e-5
    )


def test_a_code_that_a_column_has_not_has_no_probability():
    likelihood = Categorical((3, 5, 2))
    for code, column in ((3, 0), (2, 2), (1.5, 1), (7, 1), (-1, 0)):
        x = np.float32([[0, 0, 0]])
        x[0, column] = code
        assert likelihood.log_prob(x, LOGITS[:1]).numpy().item() < -1e29


def test_the_reconstruction_is_the_most_probable_class_of_each_column():
    expected = [[row[part].argmax() for part in PARTS] for row in LOGITS]
    np.testing.assert_array_equal(Categorical((3, 5, 2))(LOGITS), expected)
    p = Categorical((3, 5, 2)).distribution(LOGITS)
    for found in (p.mean(), p.variance()):  # of the codes, as numbers
        assert np.isfinite(found).all()
    of_last = np.exp(log_softmax(LOGITS[:, 8:]))[:, 1]
    np.testing.assert_allclose(p.mean()[:, 2], of_last, rtol=1e-5)
    np.testing.assert_allclose(p.variance()[:, 2], of_last * (1 - of_last), rtol=1e-4)


def test_the_fit_gives_each_class_its_frequency():
    x = np.float32([[0, 4, 1], [2, 0, 0], [2, 4, 1]])
    likelihood = Categorical((3, 5, 2))
    best = likelihood.fit_without_z(x)
    frequencies = likelihood.frequencies(x)
    np.testing.assert_allclose(np.exp(best), frequencies[frequencies > 0], rtol=1e-6)
