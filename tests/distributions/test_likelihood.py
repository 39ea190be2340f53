import keras
import numpy as np
import pytest
import reference
import tensorflow_probability as tfp
from scipy import integrate, optimize

from keras_vae.distributions import (
    LIKELIHOODS,
    Bernoulli,
    ContinuousBernoulli,
    Gaussian,
    Likelihood,
)

# both sides of the series around 0, and as far as networks go astray
LOGITS = [0.0, 1e-6, -1e-4, 1e-3, -0.01, 0.05, 0.3, -1.0, 3.0, -10.0, 50.0, -50.0, 88.0, -88.0]


def log_prob(likelihood, x, parameters):
    """log p(x|z) of single entries, as events of one entry each."""
    x = np.asarray(x, "float32")[:, None]
    parameters = np.asarray(parameters, "float32")[:, None]
    return likelihood.distribution(parameters).log_prob(x).numpy()


def pairs(first, second):
    """Every value of `first` with every value of `second`, as two flat float32 arrays."""
    return [values.ravel() for values in np.meshgrid(np.float32(first), np.float32(second))]


# ---- log p(x|z) ------------------------------------------------------------------------


def test_bernoulli_gives_the_log_probability_of_both_outcomes_at_any_logit():
    x, logits = pairs([0, 1], LOGITS)
    expected = reference.bernoulli_log_prob(x, logits)
    np.testing.assert_allclose(log_prob(Bernoulli(), x, logits), expected, rtol=1e-5, atol=1e-30)


def test_continuous_bernoulli_gives_the_log_density_near_0_and_at_any_logit():
    x, logits = pairs([0, 0.25, 0.5, 1], LOGITS)
    expected = reference.continuous_bernoulli_log_density(x, logits)
    result = log_prob(ContinuousBernoulli(), x, logits)
    np.testing.assert_allclose(result, expected, rtol=1e-6, atol=2e-6)


@pytest.mark.parametrize("x_log_var", [-8.0, 0.0, 5.0])
def test_gaussian_gives_the_log_density_with_its_own_sigma(x_log_var):
    gaussian = Gaussian()
    gaussian.x_log_var.assign(x_log_var)
    x, mean = pairs([-3, 0, 0.5, 100], [-1, 0, 99])
    expected = reference.normal_log_density(x, mean, 2 * np.log(np.float64(gaussian.sigma)))
    np.testing.assert_allclose(log_prob(gaussian, x, mean), expected, rtol=1e-5)


@pytest.mark.parametrize("logit", LOGITS)
def test_the_density_of_the_oracle_integrates_to_1(logit):
    def density(x):
        return np.exp(reference.continuous_bernoulli_log_density(x, logit))

    total, _ = integrate.quad(density, 0, 1, points=[0.02, 0.1, 0.9, 0.98])
    assert total == pytest.approx(1, rel=1e-7)


@pytest.mark.parametrize("name", LIKELIHOODS)
@pytest.mark.parametrize("event_shape", [(6,), (2, 3), (3, 2, 1)])
def test_log_prob_sums_over_the_event_and_keeps_the_batch(name, event_shape):
    rng = np.random.default_rng(0)
    likelihood = LIKELIHOODS[name]()
    parameters = rng.normal(size=(4, *event_shape)).astype("float32")
    x = rng.integers(0, 2, size=(4, *event_shape)).astype("float32")
    distribution = likelihood.distribution(parameters)
    assert (distribution.batch_shape, distribution.event_shape) == ((4,), event_shape)
    entries = log_prob(likelihood, x.ravel(), parameters.ravel()).reshape(4, 6)
    np.testing.assert_allclose(distribution.log_prob(x), entries.sum(axis=1), rtol=1e-4)


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_half_precision_parameters_are_computed_in_float32(name):
    distribution = LIKELIHOODS[name]().distribution(np.ones((2, 3), "float16"))
    assert distribution.dtype == "float32"
    assert distribution.log_prob(np.ones((2, 3), "float32")).dtype == "float32"


def test_only_a_probability_is_called_discrete():
    discrete = {name for name, likelihood in LIKELIHOODS.items() if likelihood.is_discrete}
    assert discrete == {"bernoulli"}


def test_a_likelihood_without_its_distribution_says_what_it_must_define():
    with pytest.raises(NotImplementedError, match="_entries"):
        Likelihood().distribution(np.zeros((2, 3), "float32"))


# ---- the mean of p(x|z) ----------------------------------------------------------------


def test_the_mean_of_bernoulli_is_the_sigmoid():
    logits = np.float32(LOGITS)[None]
    expected = 1 / (1 + np.exp(-logits.astype("float64")))
    np.testing.assert_allclose(Bernoulli()(logits), expected, rtol=1e-5, atol=1e-30)


@pytest.mark.parametrize("logit", LOGITS)
def test_the_mean_of_continuous_bernoulli_is_the_integral_of_x_times_its_density(logit):
    def integrand(x):
        return x * np.exp(reference.continuous_bernoulli_log_density(x, logit))

    expected, _ = integrate.quad(integrand, 0, 1, points=[0.02, 0.1, 0.9, 0.98])
    result = ContinuousBernoulli()(np.float32([[logit]])).numpy().item()
    assert result == pytest.approx(expected, rel=1e-5)


def test_the_mean_of_gaussian_is_what_the_decoder_puts_out():
    parameters = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
    np.testing.assert_array_equal(Gaussian()(parameters), parameters)


# ---- the fit without z -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("likelihood", "log_density"),
    [
        (Bernoulli, reference.bernoulli_log_prob),
        (ContinuousBernoulli, reference.continuous_bernoulli_log_density),
    ],
)
def test_the_fit_without_z_maximises_the_likelihood_of_the_data_and_half_a_0_and_half_a_1(
    likelihood, log_density
):
    rng = np.random.default_rng(0)
    x = rng.beta(0.5, [0.2, 0.5, 1.0, 8.0], size=(60, 4)).astype("float32")
    if likelihood.is_discrete:
        x = np.round(x)
    fitted = likelihood().fit_without_z(x)
    assert fitted.dtype == "float32"
    assert fitted.shape == (4,)
    for entry, logit in zip(x.T, fitted, strict=True):

        def loss(a, values=entry):
            ends = (log_density(0, a) + log_density(1, a)) / 2
            return -log_density(values, a).sum() - ends

        best = optimize.minimize_scalar(loss, bounds=(-60, 60), options={"xatol": 1e-7})
        assert logit == pytest.approx(best.x, abs=1e-3)


def test_the_continuous_bernoulli_fit_meets_means_near_both_ends_and_one_half():
    means = np.array([0.0, 1e-3, 0.49999, 0.5, 0.50001, 0.999, 1.0], "float32")
    x = np.tile(means, (5000, 1))
    logits = ContinuousBernoulli().fit_without_z(x)
    smoothed = (5000 * means.astype("float64") + 0.5) / 5001
    for logit, expected in zip(logits, smoothed, strict=True):

        def integrand(x, a=logit):
            return x * np.exp(reference.continuous_bernoulli_log_density(x, a))

        ends = [1e-4, 1e-3, 0.01, 0.99, 0.999, 0.9999]
        mean, _ = integrate.quad(integrand, 0, 1, points=ends)
        assert mean == pytest.approx(expected, rel=1e-5)


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


@pytest.mark.parametrize("likelihood", [Bernoulli, ContinuousBernoulli])
def test_an_entry_that_never_changed_in_training_may_still_change_in_a_test(likelihood):
    x = np.tile(np.float32([0, 1]), (2000, 1))
    likelihood = likelihood()
    parameters = likelihood.fit_without_z(x)[None]
    assert np.isfinite(parameters).all()
    assert np.isfinite(likelihood.distribution(parameters).log_prob(1 - x[:1])).all()


def test_a_constant_gives_a_small_sigma_and_a_finite_density():
    x = np.full((20, 3), 0.7, "float32")
    gaussian = Gaussian()
    mean = gaussian.fit_without_z(x)
    assert 0 < float(gaussian.sigma) < 0.01
    assert np.isfinite(gaussian.distribution(mean[None]).log_prob(x[:1])).all()


# ---- sigma -----------------------------------------------------------------------------


def test_gaussian_learns_one_number_and_starts_at_sigma_1():
    gaussian = Gaussian()
    assert [weight.shape for weight in gaussian.trainable_weights] == [()]
    assert float(gaussian.sigma) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(("x_log_var", "sigma"), [(-1e6, np.exp(-6)), (1e6, np.exp(6))])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_sigma_stays_in_the_range_of_the_data_wherever_training_drives_it(x_log_var, sigma, scale):
    gaussian = Gaussian()
    gaussian.fit_without_z(scale * np.float32([[-1, 1], [1, -1]]))
    gaussian.x_log_var.assign(x_log_var)
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
        assert float(again.x_log_var) == float(gaussian.x_log_var)
        return float(again.sigma)

    assert saved_and_loaded() == pytest.approx(1e-4, rel=1e-5)

    def save_own_variables(self, store):
        store["0"] = self.x_log_var.numpy()

    monkeypatch.setattr(Gaussian, "save_own_variables", save_own_variables)
    # its end was 0.0025, whatever the data
    assert saved_and_loaded() == pytest.approx(np.exp(-6), rel=1e-2)


# ---- many at once ------------------------------------------------------------------------


@pytest.fixture(params=sorted(LIKELIHOODS))
def likelihood(request):
    likelihood = LIKELIHOODS[request.param]()
    if request.param == "gaussian":
        likelihood.x_log_var.assign(-9.0)
    return likelihood


def test_log_prob_is_that_of_the_distribution(likelihood):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 2, size=(6, 3, 2)).astype("float32")
    parameters = np.float32(5 * rng.normal(size=(6, 3, 2)))
    expected = likelihood.distribution(parameters).log_prob(x)
    np.testing.assert_allclose(likelihood.log_prob(x, parameters), expected, rtol=1e-5)


@pytest.mark.parametrize("shape", [(3,), (3, 2)])
def test_pairs_hold_every_x_with_every_z(likelihood, shape):
    rng = np.random.default_rng(0)
    x = np.float32(rng.integers(0, 2, size=(6, *shape)) if likelihood.is_discrete
                   else rng.random((6, *shape)))  # fmt: skip
    parameters = np.float32(3 * rng.normal(size=(4, *shape)))
    parameters[0, 0] = 88.0
    expected = [[likelihood.log_prob(x[i : i + 1], parameters[j : j + 1])[0] for j in range(4)]
                for i in range(6)]  # fmt: skip
    np.testing.assert_allclose(likelihood.log_prob_of_pairs(x, parameters), expected, rtol=1e-4)


def test_pairs_of_a_likelihood_of_ones_own():
    class Laplace(Likelihood):
        def _entries(self, parameters):
            return tfp.distributions.Laplace(parameters, 1.0)

    x, parameters = np.float32([[0, 1], [2, 3], [4, 4]]), np.float32([[0, 0], [1, 2]])
    expected = -np.abs(x[:, None] - parameters).sum(axis=2) - 2 * np.log(2)
    np.testing.assert_allclose(Laplace().log_prob_of_pairs(x, parameters), expected, rtol=1e-6)
