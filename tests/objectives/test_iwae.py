import made_gradients
import numpy as np
import pytest
import reference

from keras_vae import ConfigError
from keras_vae.objectives import Iwae

DRAWS = 100_000


@pytest.mark.parametrize("gradient", ["plain", "dreg"])
@pytest.mark.parametrize(("samples", "beta"), [(1, 1.0), (2, 1.0), (2, 0.4)])
def test_the_mean_of_each_gradient_is_the_exact_one(samples, beta, gradient):
    draws = made_gradients.gradients(Iwae(samples, gradient), DRAWS, beta=beta)
    mean, error = reference.monte_carlo_mean(draws)
    exact = made_gradients.exact_gradient(samples, beta)
    assert (np.abs(mean - exact) < 4 * error + 1e-6).all()
    assert (np.abs(exact) > 20 * error).all()  # so that a wrong factor shows


@pytest.mark.parametrize("gradient", ["plain", "dreg"])
@pytest.mark.parametrize(("samples", "beta", "resampled"), [(2, 1.0, 1), (2, 0.4, 1)])
def test_draws_chosen_by_their_weights_leave_the_mean_as_it_is(samples, beta, resampled, gradient):
    objective = Iwae(samples, gradient, resampled)
    mean, error = reference.monte_carlo_mean(made_gradients.gradients(objective, DRAWS, beta=beta))
    exact = made_gradients.exact_gradient(samples, beta)
    assert (np.abs(mean - exact) < 4 * error + 1e-6).all()
    assert (np.abs(exact) > 15 * error).all()


@pytest.mark.parametrize("gradient", ["plain", "dreg"])
def test_of_many_draws_a_few_that_are_chosen_have_the_mean_of_all(gradient):
    (whole, e), (few, f) = (
        reference.monte_carlo_mean(
            made_gradients.gradients(Iwae(16, gradient, resampled), DRAWS // 4, seed)
        )
        for seed, resampled in enumerate((0, 5))
    )
    assert (np.abs(whole - few) < 4 * np.hypot(e, f)).all()
    assert (f < 3 * e).all()


def test_of_many_draws_both_estimators_have_one_mean():
    (plain, e), (dreg, f) = (
        reference.monte_carlo_mean(made_gradients.gradients(Iwae(16, name), DRAWS // 4, seed))
        for seed, name in enumerate(("plain", "dreg"))
    )
    assert (np.abs(plain - dreg) < 4 * np.hypot(e, f)).all()


def test_the_relative_variance_for_the_encoder_falls_with_k_of_dreg_and_rises_of_plain(monkeypatch):
    """Tucker et al. 2019, section 3: the plain gradient drowns in its noise as K rises. Where q is
    wider than the posterior, so that weights are bounded."""
    monkeypatch.setattr(made_gradients, "POINT", (0.9, 0.3, 0.8))

    def relative_variance(gradient, samples):
        draws = made_gradients.gradients(Iwae(samples, gradient), DRAWS // 4)
        return (draws.var(axis=0) / draws.mean(axis=0) ** 2)[:2]

    few, many = (relative_variance("dreg", k) for k in (2, 32))
    assert (many < few / 4).all()
    few, many = (relative_variance("plain", k) for k in (2, 32))
    assert (many > few * 4).all()


def test_the_loss_is_minus_the_bound():
    vae = made_gradients.model(Iwae(2))
    point = np.tile(np.float32(made_gradients.POINT), (20_000, 1))
    x = np.full((len(point), 1), made_gradients.X, "float32")
    losses = {}
    for gradient in ("plain", "dreg"):
        terms = vae._terms({"x": x, "condition": point}, False, 3)
        losses[gradient] = np.asarray(Iwae(2, gradient).loss(terms, 1.0))
    mean, error = reference.monte_carlo_mean(losses["plain"])
    assert abs(mean - made_gradients.minus_bound(*made_gradients.POINT, 2)) < 4 * error
    np.testing.assert_allclose(losses["dreg"], losses["plain"], rtol=1e-5)


@pytest.mark.parametrize(
    "options",
    [{"samples": 0}, {"samples": 2.0}, {"gradient": "stl"}, {"resampled": 50}, {"resampled": -1}],
)
def test_a_wrong_option_is_refused(options):
    with pytest.raises(ConfigError, match=next(iter(options))):
        Iwae(**options)


def test_options_are_kept():
    for options in ({"samples": 7, "gradient": "dreg", "resampled": 3}, {"samples": 4}):
        objective = Iwae.from_config(Iwae(**options).get_config())
        assert all(getattr(objective, name) == value for name, value in options.items())
