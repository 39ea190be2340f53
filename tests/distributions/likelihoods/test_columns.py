import keras
import numpy as np
import pytest
import reference
import tensorflow as tf
from extensions.heteroscedastic import LOG_VAR_RANGE, Heteroscedastic

from keras_vae.distributions import (
    Bernoulli,
    Categorical,
    Columns,
    Gaussian,
    LogNormal,
    Poisson,
    soft_bound,
)
from keras_vae.errors import ConfigError
from keras_vae.inputs import is_inside

# 0 and 3 are binary, 1 is real with one sigma, 2 and 4 real with a variance from the decoder
ENTRIES = {"binary": (0, 3), "real": (1,), "wide": (4, 2)}
RNG = np.random.default_rng(0)
X = np.float32(
    np.column_stack([RNG.integers(0, 2, 6), RNG.normal(5, 2, 6), RNG.normal(size=6),
                     RNG.integers(0, 2, 6), RNG.normal(-3, 0.1, 6)])
)  # fmt: skip
PARAMETERS = {
    "binary": np.float32(RNG.normal(size=(6, 2))),
    "real": np.float32(RNG.normal(5, 1, size=(6, 1))),
    "wide_mean": np.float32(RNG.normal(size=(6, 2))),
    "wide_log_var": np.float32(RNG.normal(size=(6, 2))),
}


def columns():
    return Columns({"binary": Bernoulli(), "real": Gaussian(), "wide": Heteroscedastic()}, ENTRIES)


def of_entries():
    """log p(x_j|z) of each entry by NumPy."""
    expected = np.empty(X.shape)
    expected[:, [0, 3]] = reference.bernoulli_log_prob(X[:, [0, 3]], PARAMETERS["binary"])
    expected[:, [1]] = reference.normal_log_density(X[:, [1]], PARAMETERS["real"], 0.0)
    log_var = soft_bound(PARAMETERS["wide_log_var"], *LOG_VAR_RANGE)
    expected[:, [4, 2]] = reference.normal_log_density(
        X[:, [4, 2]], PARAMETERS["wide_mean"], log_var
    )
    return expected


def test_log_p_of_a_row_is_the_sum_over_its_columns_each_by_its_own_family():
    result = columns().log_prob(X, PARAMETERS)
    np.testing.assert_allclose(result, of_entries().sum(axis=1), rtol=1e-5)


def test_a_masked_column_changes_nothing_bit_for_bit():
    mask = np.float32(RNG.random(X.shape) < 0.6)
    expected = (mask * of_entries()).sum(axis=1)
    result = columns().log_prob(X, PARAMETERS, mask)
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5)
    changed = np.where(mask == 1, X, 1 - X)
    np.testing.assert_array_equal(columns().log_prob(changed, PARAMETERS, mask), result)


def test_every_row_with_every_z():
    result = columns().log_prob_of_pairs(X[:3], PARAMETERS)
    likelihood = columns()
    for row in range(3):
        repeated = np.repeat(X[row : row + 1], 6, axis=0)
        expected = likelihood.log_prob(repeated, PARAMETERS)
        np.testing.assert_allclose(result[row], expected, rtol=1e-5)


def test_the_decoder_puts_out_what_each_part_takes_under_the_part_s_name():
    assert columns().parameter_shapes((5,)) == {
        "binary": (2,), "real": (1,), "wide_mean": (2,), "wide_log_var": (2,),
    }  # fmt: skip


def test_draws_have_the_mean_and_variance_that_are_stated_in_the_order_of_the_columns():
    p = columns().distribution(PARAMETERS)
    draws = p.sample(4000, seed=(0, 1)).numpy().astype("float64")
    assert draws.shape == (4000, *X.shape)
    error = draws.std(axis=0) / np.sqrt(len(draws))
    assert (np.abs(draws.mean(axis=0) - p.mean()) < 4.5 * error + 1e-6).all()
    np.testing.assert_allclose(draws.var(axis=0), p.variance(), rtol=0.15)


def test_the_fit_without_z_is_that_of_each_part_of_what_was_observed():
    mask = np.float32(np.random.default_rng(1).random((6, 4)) < 0.8)
    x = X[:, [0, 3, 1, 2]]
    likelihood = Columns(
        {"binary": Bernoulli(), "real": Gaussian()}, {"binary": (0, 1), "real": (2, 3)}
    )
    fitted = likelihood.fit_without_z(x, mask)
    means = [x[mask[:, j] == 1, j].mean() for j in (2, 3)]
    np.testing.assert_allclose(fitted["real"], means, rtol=1e-5)
    binary = Bernoulli().fit_without_z(x[:, :2], mask[:, :2])
    np.testing.assert_array_equal(fitted["binary"], binary)


def test_it_is_a_probability_only_if_no_column_has_a_density():
    assert not columns().is_discrete
    assert Columns({"binary": Bernoulli()}, {"binary": (0, 1)}).is_discrete


@pytest.mark.parametrize("entries", [(0, 0), (1, 2), (0, 2)])
def test_an_entry_that_is_named_twice_or_left_out_is_refused(entries):
    with pytest.raises(ConfigError, match="each entry of x"):
        Columns({"binary": Bernoulli()}, {"binary": entries})


def test_it_comes_back_from_its_config_with_its_parts():
    likelihood = columns()
    likelihood.parts["real"].set_sigma(3.0)
    config = keras.saving.serialize_keras_object(likelihood)
    copy = keras.saving.deserialize_keras_object(config)
    copy.set_weights(likelihood.get_weights())
    assert len(copy.weights) == 2
    np.testing.assert_array_equal(copy.log_prob(X, PARAMETERS), likelihood.log_prob(X, PARAMETERS))


def test_each_column_answers_for_the_values_that_it_can_hold():
    likelihood = Columns(
        {
            "share": Bernoulli(),
            "size": LogNormal(),
            "count": Poisson(),
            "town": Categorical([3, 2]),
        },
        {"share": [0], "size": [2], "count": [1], "town": [4, 3]},
    )
    x = np.float32([
        [0, 0, 1, 0, 0], [1, 7, 0.5, 1, 2],  # what they can hold
        [2, -1, 0, 2, 3], [-1, 2.5, -1, 0.5, -1], [np.nan] * 5,  # and what they cannot
    ])  # fmt: skip
    expected = np.arange(5)[:, None] < [2] * 5
    np.testing.assert_array_equal(likelihood.is_possible(x), expected)
    for row, is_right in zip(x, expected, strict=True):
        for entry in range(5):
            one = x[:1].copy()
            one[0, entry] = row[entry]
            assert is_inside(tf.constant(one), likelihood) == is_right[entry]


def test_it_compiles():
    likelihood = columns()
    compiled = tf.function(likelihood.log_prob, jit_compile=True, autograph=False)
    np.testing.assert_allclose(
        compiled(X, PARAMETERS), likelihood.log_prob(X, PARAMETERS), rtol=1e-5
    )
