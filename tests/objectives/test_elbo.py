from types import SimpleNamespace

import made_gradients
import numpy as np
import pytest
import reference

from keras_vae import ConfigError
from keras_vae.objectives import Elbo

TERMS = SimpleNamespace(distortion=np.float32([10, 20, 30]), rate=np.float32([0.5, 2.0, 4.0]))


@pytest.mark.parametrize(
    ("beta", "free_nats", "expected"),
    [
        (1.0, 0.0, [10.5, 22, 34]),
        (4.0, 0.0, [12, 28, 46]),
        (2.0, 3.0, [16, 26, 38]),
        (0.0, 3.0, [10, 20, 30]),
    ],
)
def test_the_loss_is_distortion_plus_beta_times_the_rate_above_the_free_nats(
    beta, free_nats, expected
):
    np.testing.assert_allclose(Elbo(free_nats).loss(TERMS, beta), expected)


@pytest.mark.parametrize("free_nats", [-1, np.nan, np.inf, "1"])
def test_free_nats_that_are_none_are_refused(free_nats):
    with pytest.raises(ConfigError, match="free_nats"):
        Elbo(free_nats)


@pytest.mark.parametrize(
    ("samples", "gradient"), [(1, "plain"), (1, "stl"), (3, "plain"), (3, "stl")]
)
def test_the_mean_of_each_gradient_is_the_exact_one(samples, gradient):
    draws = made_gradients.gradients(Elbo(0.0, samples, gradient), 50_000)
    mean, error = reference.monte_carlo_mean(draws)
    exact = made_gradients.exact_gradient(1)  # of any number of draws, over which it is averaged
    assert (np.abs(mean - exact) < 4 * error + 1e-6).all()
    assert (np.abs(exact) > 20 * error).all()


def test_where_q_is_the_true_posterior_stl_has_no_noise(monkeypatch):
    """Roeder et al. 2017: at theta = 1 it is N(x / 2, 1 / 2)."""
    monkeypatch.setattr(made_gradients, "POINT", (made_gradients.X / 2, np.log(0.5), 1.0))
    of_encoder = {
        gradient: made_gradients.gradients(Elbo(gradient=gradient), 2000)[:, :2]
        for gradient in ("plain", "stl")
    }
    assert of_encoder["stl"].std(axis=0).max() < 2e-3  # the bound of z_log_var moves it a little
    assert of_encoder["plain"].std(axis=0).min() > 0.2


def test_a_capacity_holds_the_mean_rate():
    loss = Elbo(capacity=1.5).loss(TERMS, 10.0)
    np.testing.assert_allclose(loss, TERMS.distortion + 10 * abs(np.mean(TERMS.rate) - 1.5))


def test_what_changes_the_rate_twice_is_refused():
    for options in ({"free_nats": 1.0, "capacity": 2.0}, {"gradient": "stl", "capacity": 2.0}):
        with pytest.raises(ConfigError, match="each changes what becomes of the rate"):
            Elbo(**options)
    with pytest.raises(ConfigError, match="gradient='dreg': expected one of plain, stl"):
        Elbo(gradient="dreg")
