import keras
import numpy as np
import pytest
import reference
import tensorflow as tf
from scipy import stats

from keras_vae import Sampling

ROWS = 20_000


@pytest.fixture
def codes():
    """q(z|x) of 5 examples and 3 latents."""
    rng = np.random.default_rng(0)
    z_mean = rng.normal(size=(5, 3)).astype("float32")
    z_log_var = rng.normal(size=(5, 3)).astype("float32")
    return z_mean, z_log_var


def many(*row):
    """One example, ROWS times."""
    return np.tile(np.float32(row), (ROWS, 1))


def test_z_has_the_mean_and_the_variance_of_the_posterior():
    z_mean, z_log_var = many(-3.0, 0.0, 2.0), many(-4.0, 0.0, 3.0)
    z = Sampling(seed=0)([z_mean, z_log_var]).numpy().astype("float64")
    mean, error = reference.monte_carlo_mean(z)
    assert (np.abs(mean - z_mean[0]) < 4 * error).all()
    # E[(z - z_mean)^2] = exp(z_log_var)
    variance, error = reference.monte_carlo_mean((z - z_mean) ** 2)
    assert (np.abs(variance - np.exp(z_log_var[0], dtype="float64")) < 4 * error).all()


def test_the_noise_is_normal():
    epsilon = Sampling(seed=0)([many(0.0), many(0.0)]).numpy().astype("float64")
    # E[epsilon^4] = 3 and E[epsilon^3] = 0 for the normal distribution
    for power, moment in ((3, 0.0), (4, 3.0)):
        mean, error = reference.monte_carlo_mean(epsilon**power)
        assert abs(mean - moment) < 4 * error


def test_no_two_rows_and_no_two_latents_share_their_noise():
    zeros = np.zeros((2, ROWS), "float32")
    rows = Sampling(seed=0)([zeros, zeros]).numpy()
    latents = Sampling(seed=0)([zeros.T, zeros.T]).numpy().T
    for pair in (rows, latents):
        # the correlation of independent draws has standard error 1 / sqrt(ROWS)
        assert abs(np.corrcoef(pair)[0, 1]) < 4 / np.sqrt(ROWS)


def test_every_call_draws_new_noise(codes):
    sampling = Sampling(seed=0)
    assert not np.any(sampling(codes).numpy() == sampling(codes).numpy())


def test_one_seed_draws_the_same_noise_and_another_seed_does_not(codes):
    draws = Sampling(seed=1)(codes).numpy()
    np.testing.assert_array_equal(Sampling(seed=1)(codes), draws)
    assert not np.any(Sampling(seed=2)(codes).numpy() == draws)


def test_the_gradients_are_those_of_the_reparameterisation(codes):
    z_mean, z_log_var = (tf.constant(values) for values in codes)
    with tf.GradientTape() as tape:
        tape.watch([z_mean, z_log_var])
        z = Sampling(seed=0)([z_mean, z_log_var])
    by_mean, by_log_var = tape.gradient(z, [z_mean, z_log_var])
    np.testing.assert_array_equal(by_mean, np.ones((5, 3)))
    # dz / dl = exp(l / 2) epsilon / 2 = (z - m) / 2
    np.testing.assert_allclose(by_log_var, (z - z_mean) / 2, rtol=1e-4, atol=1e-6)


def test_a_layer_made_from_its_config_draws_the_same_noise(codes):
    sampling = Sampling(seed=5, name="noise")
    copy = Sampling.from_config(sampling.get_config())
    assert (copy.name, copy.seed) == ("noise", 5)
    np.testing.assert_array_equal(copy(codes), sampling(codes))


def test_an_external_generator_leaves_the_layers_own_noise_where_it_was(codes):
    sampling, undisturbed = Sampling(seed=0), Sampling(seed=0)
    evaluation = sampling(codes, seed=keras.random.SeedGenerator(9)).numpy()
    draws = sampling(codes).numpy()
    np.testing.assert_array_equal(draws, undisturbed(codes))
    assert not np.any(evaluation == draws)


def test_an_external_generator_repeats_an_evaluation(codes):
    sampling = Sampling(seed=0)
    first = sampling(codes, seed=keras.random.SeedGenerator(9)).numpy()
    sampling(codes)
    np.testing.assert_array_equal(sampling(codes, seed=keras.random.SeedGenerator(9)), first)


def test_a_tensor_draws_what_a_generator_draws_at_that_call(codes):
    generator = keras.random.SeedGenerator(9)
    for call in range(3):
        seed = tf.constant([9, call], tf.int64)
        expected = Sampling()(codes, seed=generator)
        np.testing.assert_array_equal(Sampling()(codes, seed=seed), expected)


def test_no_variance_gives_the_mean(codes):
    z_mean, z_log_var = codes
    z = Sampling(seed=0)([z_mean, np.full_like(z_log_var, -200)])
    np.testing.assert_array_equal(z, z_mean)


@pytest.mark.usefixtures("mixed_precision")
def test_z_is_float32_under_mixed_precision(codes):
    z_mean, z_log_var = codes
    # exp(30 / 2) is beyond the largest float16, 65504
    z = Sampling(seed=0)([z_mean, np.full_like(z_log_var, 30)])
    assert z.dtype == "float32"
    assert np.isfinite(z).all()
    assert np.abs(z).max() > 65504


def test_the_noise_is_the_same_with_and_without_xla(codes):
    draws = [
        tf.function(Sampling(seed=1), jit_compile=jit_compile)(codes)
        for jit_compile in (False, True)
    ]
    np.testing.assert_allclose(*draws, rtol=0, atol=1e-5)


def test_two_replicas_draw_the_noise_of_one(two_devices):
    whole = Sampling(seed=1)([tf.zeros((6, 2)), tf.zeros((6, 2))])
    with two_devices.scope():
        sampling = Sampling(seed=1)
    parts = two_devices.run(tf.function(sampling), [[tf.zeros((3, 2)), tf.zeros((3, 2))]])
    np.testing.assert_allclose(np.concatenate(parts.values), whole, rtol=0, atol=1e-6)


def test_the_noise_is_normal_to_its_tails():
    epsilon = np.sort(Sampling(seed=0)([many(0.0), many(0.0)]).numpy()[:, 0])
    # Kolmogorov-Smirnov: the largest distance between the two distribution functions
    distance = np.abs(stats.norm.cdf(epsilon) - (np.arange(ROWS) + 0.5) / ROWS).max()
    assert distance < 1.63 / np.sqrt(ROWS)  # the 1% point
    assert np.abs(epsilon).max() > 3.5
