import keras
import numpy as np
import pytest
import reference
import tensorflow as tf
from distributions.entries import log_prob, pairs

from keras_vae.distributions import Gaussian


@pytest.mark.parametrize("x_log_var", [-8.0, 0.0, 5.0])
def test_gaussian_gives_the_log_density_with_its_own_sigma(x_log_var):
    gaussian = Gaussian()
    gaussian.x_log_var.assign(x_log_var / gaussian.speed)
    x, mean = pairs([-3, 0, 0.5, 100], [-1, 0, 99])
    expected = reference.normal_log_density(x, mean, 2 * np.log(np.float64(gaussian.sigma)))
    np.testing.assert_allclose(log_prob(gaussian, x, mean), expected, rtol=1e-5)


def test_the_mean_of_gaussian_is_what_the_decoder_puts_out():
    parameters = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
    np.testing.assert_array_equal(Gaussian()(parameters), parameters)


@pytest.mark.parametrize("scale", [0.05, 1.0, 10.0])
def test_the_gaussian_fit_is_the_mean_of_each_entry_and_one_sigma_for_all(scale):
    x = scale * np.random.default_rng(0).normal([5, 0], [1, 3], size=(500, 2)).astype("float32")
    gaussian = Gaussian()
    mean = gaussian.fit_without_z(x)
    exact = x.astype("float64")
    np.testing.assert_allclose(mean, exact.mean(axis=0), rtol=1e-5, atol=1e-6)
    assert float(gaussian.sigma) == pytest.approx(np.sqrt(exact.var(axis=0).mean()), rel=5e-3)


@pytest.mark.parametrize("scale", [1e-12, 1.6e-4, 0.004, 300.0, 1e5, 1e12])
def test_the_gaussian_fit_holds_on_any_scale_of_the_data(scale):
    x = scale * np.random.default_rng(0).normal(size=(500, 2)).astype("float32")
    gaussian = Gaussian()
    mean = gaussian.fit_without_z(x)
    sigma = np.sqrt(x.astype("float64").var(axis=0).mean())
    assert float(gaussian.sigma) == pytest.approx(sigma, rel=1e-5)
    expected = reference.normal_log_density(x, mean, 2 * np.log(sigma)).sum(axis=1)
    result = gaussian.distribution(mean[None]).log_prob(x)
    np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-4)


def test_no_other_gaussian_makes_the_data_more_likely_than_the_fit():
    x = np.random.default_rng(0).normal([5, 0], [1, 3], size=(500, 2)).astype("float32")
    gaussian = Gaussian()
    mean = gaussian.fit_without_z(x)
    log_var = 2 * np.log(float(gaussian.sigma))
    best = reference.normal_log_density(x, mean, log_var).sum()
    for step in (-0.05, 0.05):
        for entry in np.eye(2):
            assert reference.normal_log_density(x, mean + step * entry, log_var).sum() < best
        assert reference.normal_log_density(x, mean, log_var + step).sum() < best


def test_a_constant_gives_a_small_sigma_and_a_finite_density():
    x = np.full((20, 3), 0.7, "float32")
    gaussian = Gaussian()
    mean = gaussian.fit_without_z(x)
    assert 0 < float(gaussian.sigma) < 0.01
    assert np.isfinite(gaussian.distribution(mean[None]).log_prob(x[:1])).all()


def test_gaussian_learns_one_number_and_starts_at_sigma_1():
    gaussian = Gaussian()
    assert [weight.shape for weight in gaussian.trainable_weights] == [()]
    assert float(gaussian.sigma) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(("x_log_var", "sigma"), [(-1e6, np.exp(-6)), (1e6, np.exp(6))])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_sigma_stays_in_the_range_of_the_data_wherever_training_drives_it(x_log_var, sigma, scale):
    gaussian = Gaussian()
    gaussian.fit_without_z(scale * np.float32([[-1, 1], [1, -1]]))
    gaussian.x_log_var.assign(x_log_var / gaussian.speed)
    assert float(gaussian.sigma) == pytest.approx(scale * sigma, rel=1e-4)


def test_sigma_and_its_range_are_saved_and_those_from_before_the_range_are_loaded(
    tmp_path, monkeypatch
):
    path = tmp_path / "x.weights.h5"

    def saved_and_loaded():
        models = [keras.Sequential([keras.Input((2,)), Gaussian()]) for _ in range(2)]
        gaussian, again = (model.layers[-1] for model in models)
        gaussian.fit_without_z(1e-4 * np.float32([[-1, 1], [1, -1]]))
        again.fit_without_z(np.float32([[-1, 1], [1, -1]]))
        models[0].save_weights(path)
        models[1].load_weights(path)
        return float(again.sigma)

    assert saved_and_loaded() == pytest.approx(1e-4, rel=1e-5)

    def save_own_variables(self, store):
        store["0"] = self.speed * self.x_log_var.numpy()

    monkeypatch.setattr(Gaussian, "save_own_variables", save_own_variables)
    # its end was 0.0025, whatever the data
    assert saved_and_loaded() == pytest.approx(np.exp(-6), rel=1e-2)


def test_weights_from_before_there_was_a_speed_give_the_same_sigma():
    older, newer = Gaussian(speed=1.0), Gaussian()
    older.set_sigma(0.03)
    store = {}
    older.save_own_variables(store)
    del store["speed"]
    newer.load_own_variables(store)
    assert float(newer.sigma) == pytest.approx(0.03, rel=1e-5)
    config = {key: value for key, value in older.get_config().items() if key != "speed"}
    assert Gaussian.from_config(config).speed == 1.0


def test_sigma_can_fall_by_a_factor_of_a_hundred_within_a_default_run():
    """80 epochs of 35 steps, Adam from 2e-3 along a cosine, residuals of 0.01 from the start on."""
    gaussian, steps = Gaussian(), 80 * 35
    schedule = keras.optimizers.schedules.CosineDecay(2e-3, steps, alpha=0.01)
    optimizer = keras.optimizers.Adam(schedule)
    optimizer.build([gaussian.x_log_var])
    residuals = tf.constant(0.01 * np.random.default_rng(0).normal(size=(64, 20)), "float32")

    @tf.function(autograph=False)
    def train():
        def step(done):
            with tf.GradientTape() as tape:
                loss = -tf.reduce_mean(gaussian.log_prob(residuals, tf.zeros_like(residuals)))
            optimizer.apply(tape.gradient(loss, [gaussian.x_log_var.value]), [gaussian.x_log_var])
            return [done + 1]

        tf.while_loop(lambda done: done < steps, step, [0])

    train()
    assert float(gaussian.sigma) == pytest.approx(np.std(residuals), rel=0.02)


@pytest.mark.parametrize("sigma", [1e-4, 0.3, 50.0])
def test_a_sigma_that_is_set_is_had(sigma):
    gaussian = Gaussian()
    gaussian.set_sigma(sigma)
    assert float(gaussian.sigma) == pytest.approx(sigma, rel=1e-6)
