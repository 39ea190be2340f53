import keras
import made_trainings
import numpy as np
import pytest
from scipy import stats

from keras_vae import VAE
from keras_vae.data import from_arrays
from keras_vae.distributions import inverse_soft_bound
from keras_vae.evaluation import evaluate
from keras_vae.evidence import LinearGaussian
from keras_vae.measures import active_units, elbo_surgery


@pytest.fixture(scope="module")
def x():
    """1,000 examples of 5 entries: two strong directions and noise."""
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(2, 5)) * [[2.0], [1.0]]
    return rng.normal(size=(1000, 2)) @ weights + 0.5 * rng.normal(size=(1000, 5)) + 3.0


@pytest.fixture(scope="module")
def model(x):
    return LinearGaussian.fit(x, 2)


@pytest.fixture(scope="module")
def rotated(model):
    """The same p(x) with other axes in the latent space."""
    angle = 0.7
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return LinearGaussian(model.weights @ rotation, model.mean, model.variance)


def test_the_evidence_is_that_of_the_full_normal_distribution(model, rotated, x):
    covariance = model.weights @ model.weights.T + model.variance * np.eye(5)
    expected = stats.multivariate_normal(model.mean, covariance).logpdf(x)
    np.testing.assert_allclose(model.log_evidence(x), expected, rtol=1e-10)
    np.testing.assert_allclose(rotated.log_evidence(x), expected, rtol=1e-10)


def test_the_posterior_is_that_of_bayes_theorem(rotated, x):
    # p(z, x) is one normal distribution: condition it on x.
    weights = rotated.weights
    covariance = weights @ weights.T + rotated.variance * np.eye(5)
    gain = weights.T @ np.linalg.inv(covariance)
    expected = (x - rotated.mean) @ gain.T
    np.testing.assert_allclose(rotated.posterior_mean(x), expected, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(
        np.linalg.inv(rotated.posterior_precision), np.eye(2) - gain @ weights, atol=1e-12
    )


def test_the_fit_has_the_evidence_of_tipping_and_bishop_and_none_near_it_is_better(model, x):
    eigenvalues = np.linalg.eigvalsh(np.cov(x.T, bias=True))[::-1]
    logs = np.log(eigenvalues[:2]).sum() + 3 * np.log(eigenvalues[2:].mean())
    best = -0.5 * (5 * np.log(2 * np.pi) + logs + 5)
    assert model.log_evidence(x).mean() == pytest.approx(best, rel=1e-10)
    rng = np.random.default_rng(1)
    for _ in range(20):
        near = LinearGaussian(
            model.weights + 0.02 * rng.normal(size=(5, 2)),
            model.mean + 0.02 * rng.normal(size=5),
            model.variance * np.exp(0.02 * rng.normal()),
        )
        assert near.log_evidence(x).mean() < best


def test_the_gap_of_a_diagonal_posterior_is_zero_along_the_axes_and_known_when_rotated(
    model, rotated
):
    assert model.diagonal_gap() == pytest.approx(0, abs=1e-10)
    # KL(N(m, diag(1 / P_jj)) || N(m, P^-1)) in general form
    precision = rotated.posterior_precision
    diagonal = np.diag(1 / np.diag(precision))
    kl = 0.5 * (
        np.trace(precision @ diagonal)
        - 2
        - np.linalg.slogdet(precision)[1]
        - np.linalg.slogdet(diagonal)[1]
    )
    assert kl > 0.1
    assert rotated.diagonal_gap() == pytest.approx(kl)


def test_the_latent_rates_are_the_mean_kl_over_the_data(model, x):
    variance = 1 / np.diag(model.posterior_precision)
    z_mean = model.posterior_mean(x)
    kl = 0.5 * (variance + z_mean**2 - 1 - np.log(variance))
    np.testing.assert_allclose(model.latent_rates(), kl.mean(axis=0), rtol=1e-10)


def test_more_latents_than_the_data_allow_are_refused(x):
    with pytest.raises(ValueError, match="latent_dim=5: expected 1 to 4 for 5 entries"):
        LinearGaussian.fit(x, 5)


@pytest.mark.parametrize("variance", [0.01, 0.2, 1.0, 10.0, 1000.0])
def test_a_given_sigma_has_its_closed_form_and_predicts_the_latents_in_use(x, variance):
    exact = LinearGaussian.fit(x, 3, variance)
    eigenvalues = np.linalg.eigvalsh(np.cov(x.T, bias=True))[::-1]
    used = np.arange(5) < np.sum(eigenvalues[:3] > variance)
    # -1/2 [D log 2 pi + sum_used (log lambda + 1) + sum_unused (log s^2 + lambda / s^2)]
    terms = np.where(used, np.log(eigenvalues) + 1, np.log(variance) + eigenvalues / variance)
    expected = -0.5 * (5 * np.log(2 * np.pi) + terms.sum())
    assert exact.log_evidence(x).mean() == pytest.approx(expected, rel=1e-10)
    np.testing.assert_array_equal(exact.active_latents(), used[:3])
    moved = exact.posterior_mean(x).var(axis=0)
    np.testing.assert_allclose(moved, 1 - 1 / np.diag(exact.posterior_precision), atol=1e-10)
    rates = np.where(used, 0.5 * np.log(eigenvalues / variance), 0)[:3]
    np.testing.assert_allclose(exact.latent_rates(), rates, atol=1e-10)


@pytest.mark.parametrize("variance", [0.0, -1.0, float("nan")])
def test_a_sigma_that_is_none_is_refused(x, variance):
    with pytest.raises(ValueError, match="expected sigma\\^2 above 0"):
        LinearGaussian.fit(x, 2, variance)


def train(data, latents, variance=None):
    """A linear VAE after 120 epochs of gradient descent; sigma^2 is learned if None."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((5,))
    # The optimal posterior variance is the same for all x: a bias suffices.
    heads = [
        keras.layers.Dense(latents)(inputs),
        keras.layers.Dense(latents, kernel_initializer="zeros")(inputs),
    ]
    z = keras.Input((latents,))
    decoder = keras.Model(z, keras.layers.Dense(5)(z))
    vae = VAE(keras.Model(inputs, heads), decoder, likelihood="gaussian", seed=0)
    if variance is not None:
        x_log_var = inverse_soft_bound(np.log(variance), *vae.likelihood.X_LOG_VAR_RANGE)
        vae.likelihood.x_log_var.assign(x_log_var / vae.likelihood.speed)
        vae.likelihood.trainable = False
    epochs, steps = 120, 9
    rate = keras.optimizers.schedules.CosineDecay(0.05, epochs * steps, alpha=0.001)
    vae.compile(keras.optimizers.Adam(rate))
    made_trainings.train(vae, data.train.x, epochs, batch_size=100)
    return vae


@pytest.fixture(scope="module")
def data(x):
    return from_arrays(x.astype("float32"), x_test=x[:500].astype("float32"))


@pytest.mark.slow
def test_a_linear_vae_trained_by_gradient_descent_reaches_the_exact_optimum(data):
    train_x = data.train.x.astype("float64")
    exact = LinearGaussian.fit(train_x, 2)
    vae = train(data, 2)
    report = evaluate(vae, data, "none", split="train", samples=200)
    evidence = exact.log_evidence(train_x).mean()
    assert report.elbo == pytest.approx(evidence, abs=0.05)
    assert float(vae.likelihood.sigma) == pytest.approx(np.sqrt(exact.variance), rel=0.02)
    assert report.rate == pytest.approx(exact.latent_rates().sum(), abs=0.05)
    rates = elbo_surgery(*vae.encode(data.train.x)).latent_rates
    np.testing.assert_allclose(np.sort(rates), np.sort(exact.latent_rates()), atol=0.05)
    assert report.active_units == exact.active_latents().sum() == 2
    # The model that was learned, as its own exact oracle: the ELBO is below its evidence.
    kernel, bias = (np.asarray(value, "float64") for value in vae.decoder.get_weights())
    learned = LinearGaussian(kernel.T, bias, float(vae.likelihood.sigma) ** 2)
    assert learned.log_evidence(train_x).mean() <= evidence
    assert report.elbo < learned.log_evidence(train_x).mean() + 0.01
    assert learned.diagonal_gap() < 0.02  # the ELBO picks the principal axes


@pytest.mark.slow
def test_a_vae_with_a_large_sigma_uses_the_latents_that_are_predicted(data):
    """The second eigenvalue is below sigma^2: two of three latents are not worth their rate."""
    train_x = data.train.x.astype("float64")
    eigenvalues = np.linalg.eigvalsh(np.cov(train_x.T, bias=True))[::-1]
    variance = float(np.sqrt(eigenvalues[0] * eigenvalues[1]))
    exact = LinearGaussian.fit(train_x, 3, variance)
    vae = train(data, 3, variance)
    z_mean, z_log_var = vae.encode(data.train.x)
    assert active_units(z_mean).sum() == exact.active_latents().sum() == 1
    rates = elbo_surgery(z_mean, z_log_var).latent_rates
    np.testing.assert_allclose(np.sort(rates), np.sort(exact.latent_rates()), atol=0.03)
    report = evaluate(vae, data, "none", split="train", samples=200)
    assert report.elbo == pytest.approx(exact.log_evidence(train_x).mean(), abs=0.05)
