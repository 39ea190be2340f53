import csv

import keras
import numpy as np
import pytest

from keras_vae import ConfigError
from keras_vae.distributions import MixturePrior
from keras_vae.monitoring import LatentRates

NAMES = ["rate_latent_0", "rate_latent_1", "active_units"]


def closed_form(z_mean, z_log_var):
    """KL(N(m, exp(l)) || N(0, 1)) = 1/2 (exp(l) + m^2 - 1 - l), mean over examples, (d,)."""
    m, l = (np.asarray(values, "float64") for values in (z_mean, z_log_var))  # noqa: E741
    return np.mean(0.5 * (np.exp(l) + m**2 - 1 - l), axis=0)


@pytest.fixture(scope="module")
def fit(small_vae, binary_x):
    """Fits a VAE, by default one and the same, and returns what Keras recorded."""
    shared = small_vae()

    def fit(*callbacks, epochs=3, vae=shared, **options):
        options = {"epochs": epochs, "batch_size": 50, "verbose": 0, **options}
        return vae.fit(binary_x, callbacks=list(callbacks), **options).history

    return fit


@pytest.fixture
def plain_model():
    """A model that is no VAE and learns nothing."""
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    return model


@pytest.fixture
def fit_plain(plain_model, binary_x):
    def fit(*callbacks, epochs=3, **options):
        y = np.zeros((200, 1))
        return plain_model.fit(
            binary_x, y, epochs=epochs, verbose=0, callbacks=list(callbacks), **options
        ).history

    return fit


# ---- the figures -----------------------------------------------------------------------


def test_latents_that_a_prior_ties_together_have_no_rate_of_their_own(small_vae, fit, binary_x):
    vae = small_vae(prior=MixturePrior(3))
    history = fit(LatentRates(binary_x[:70]), vae=vae, epochs=1)
    assert [name for name in NAMES if name in history] == ["active_units"]


def test_missing_entries_count_as_the_model_is_given_them(fit, small_vae, binary_x):
    vae, mask = small_vae(), np.arange(6) % 2 * np.ones((70, 1))
    history = fit(LatentRates({"x": binary_x[:70], "mask": mask}), vae=vae)
    rates = [history[name][-1] for name in NAMES[:2]]
    expected = closed_form(*vae.encode(binary_x[:70] * mask))
    np.testing.assert_allclose(rates, expected, rtol=1e-5)
    with pytest.raises(ConfigError, match="LatentRates of 1 examples"):
        LatentRates({"x": binary_x[:1], "mask": mask[:1]})


def test_the_rates_are_the_closed_form_at_the_weights_of_the_end_of_the_epoch(
    fit, small_vae, binary_x
):
    vae = small_vae()
    history = fit(LatentRates(binary_x[:70]), vae=vae)
    rates = [history[name][-1] for name in NAMES[:2]]
    np.testing.assert_allclose(rates, closed_form(*vae.encode(binary_x[:70])), rtol=1e-5)
    assert rates[0] != pytest.approx(rates[1], rel=1e-2)


def test_the_rates_add_up_to_the_rate_that_validation_on_the_same_examples_reports(fit, binary_x):
    history = fit(LatentRates(binary_x[:70]), validation_data=(binary_x[:70],))
    total = np.add(history["rate_latent_0"], history["rate_latent_1"])
    np.testing.assert_allclose(total, history["val_rate"], rtol=1e-5)


def test_of_another_model_the_posterior_is_given_and_the_prior_is_standard_normal(
    fit_plain, binary_x
):
    rng = np.random.default_rng(0)
    z_mean = rng.normal(size=(200, 3)) * [1.0, 0.05, 0.3] + [0.0, 3.0, 0.0]
    z_log_var = rng.normal(size=(200, 3))
    history = fit_plain(LatentRates(binary_x, encode=lambda x: (z_mean, z_log_var)))
    rates = [history[f"rate_latent_{j}"][0] for j in range(3)]
    np.testing.assert_allclose(rates, closed_form(z_mean, z_log_var), rtol=1e-6)
    # variances 1, 0.0025, 0.09: the second latent is far from 0 but carries nothing about x
    assert history["active_units"] == [2.0] * 3


def test_latents_of_a_diverged_posterior_do_not_pass_for_inactive_ones(fit_plain, binary_x):
    z_mean = np.full((200, 2), np.nan)
    history = fit_plain(LatentRates(binary_x, encode=lambda x: (z_mean, np.zeros((200, 2)))))
    assert np.isnan([history[name] for name in NAMES]).all()


# ---- where they go ---------------------------------------------------------------------


def test_callbacks_listed_later_find_the_figures_as_plain_numbers(fit, binary_x, tmp_path):
    found = []
    look = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: found.append(dict(logs)))
    history = fit(
        LatentRates(binary_x, every=2), look, keras.callbacks.CSVLogger(tmp_path / "log.csv")
    )
    rows = list(csv.DictReader((tmp_path / "log.csv").read_text().splitlines()))
    assert len(rows) == len(found) == 3
    for name in NAMES:
        assert [logs[name] for logs in found] == history[name]
        assert [float(row[name]) for row in rows] == history[name]
        assert {type(value) for value in history[name]} == {float}


def test_another_callback_can_act_on_the_figures(fit, binary_x):
    stop = keras.callbacks.EarlyStopping(monitor="active_units", mode="max")
    assert len(fit(LatentRates(binary_x), stop, epochs=9)["loss"]) == 2


# ---- every few epochs ------------------------------------------------------------------


def test_between_two_looks_the_figures_of_the_last_look_are_repeated(fit_plain, binary_x):
    looks = []

    def encode(x):
        looks.append(len(looks))
        return np.full((len(x), 1), float(len(looks))), np.zeros((len(x), 1))

    rates = LatentRates(binary_x, every=3, encode=encode)
    look = [0.5 * n**2 for n in range(1, 9)]  # KL(N(n, 1) || N(0, 1))
    # at epochs 1, 3, 6 and 8
    expected = [look[0], look[0], *[look[1]] * 3, *[look[2]] * 2, look[3]]
    assert fit_plain(rates, epochs=8)["rate_latent_0"] == expected
    # Another fit begins with a look of its own.
    assert fit_plain(rates, epochs=2)["rate_latent_0"] == look[4:6]


# ---- mistakes --------------------------------------------------------------------------


def test_too_few_examples_to_vary_are_refused(binary_x):
    with pytest.raises(ConfigError, match=r"LatentRates of 1 examples: .* pass at least 2"):
        LatentRates(binary_x[:1])


def test_a_wrong_number_of_epochs_is_refused(binary_x):
    with pytest.raises(ConfigError, match="every=0"):
        LatentRates(binary_x, every=0)
