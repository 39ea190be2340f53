import numpy as np
import pytest
import tensorflow_probability as tfp
from distributions.entries import log_prob

from keras_vae import DataError
from keras_vae.distributions import LIKELIHOODS, Gaussian, Likelihood, with_mask


@pytest.fixture(params=sorted(LIKELIHOODS))
def likelihood(request):
    likelihood = LIKELIHOODS[request.param]()
    if request.param == "gaussian":
        likelihood.x_log_var.assign(-9.0)
    return likelihood


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


MASK = np.random.default_rng(1).integers(0, 2, (6, 3, 2)).astype("float32")


@pytest.fixture
def masked(likelihood):
    """(likelihood, x with 0 where it is missing, parameters, log p of each entry)."""
    rng = np.random.default_rng(0)
    x = MASK * np.float32(rng.integers(0, 2, size=(6, 3, 2)) if likelihood.is_discrete
                          else rng.random((6, 3, 2)))  # fmt: skip
    parameters = np.float32(rng.normal(size=(6, 3, 2)))
    entries = log_prob(likelihood, x.ravel(), parameters.ravel()).reshape(x.shape)
    return likelihood, x, parameters, entries


def test_a_mask_leaves_the_entries_that_were_observed(masked):
    likelihood, x, parameters, entries = masked
    expected = (MASK * entries).sum(axis=(1, 2))
    np.testing.assert_allclose(likelihood.log_prob(x, parameters, MASK), expected, rtol=1e-5)
    all_observed = likelihood.log_prob(x, parameters, np.ones_like(MASK))
    np.testing.assert_allclose(all_observed, likelihood.log_prob(x, parameters), rtol=1e-5)


def test_what_stands_where_an_entry_is_missing_changes_nothing(masked):
    likelihood, x, parameters, _ = masked
    other = np.where(MASK, x, 1).astype("float32")
    for f in (likelihood.log_prob, likelihood.log_prob_of_pairs):
        np.testing.assert_array_equal(f(x, parameters, MASK), f(other, parameters, MASK))


def test_masked_pairs_hold_every_x_with_every_z(masked):
    likelihood, x, parameters, _ = masked
    got = likelihood.log_prob_of_pairs(x, parameters[:4], MASK)
    for j in range(4):
        same = np.repeat(parameters[j : j + 1], 6, axis=0)
        expected = likelihood.log_prob(x, same, MASK)
        np.testing.assert_allclose(got[:, j], expected, rtol=1e-4, atol=1e-5)


def test_the_fit_without_z_is_that_of_the_observed_entries(likelihood):
    rng = np.random.default_rng(0)
    x = np.float32(rng.integers(0, 2, (40, 3)) if likelihood.is_discrete else rng.random((40, 3)))
    np.testing.assert_array_equal(
        likelihood.fit_without_z(x, np.ones_like(x)), likelihood.fit_without_z(x)
    )
    mask = np.ones_like(x)
    mask[10:, 1] = 0
    fitted = likelihood.fit_without_z(np.where(mask, x, 0.7), mask)
    np.testing.assert_allclose(fitted[[0, 2]], likelihood.fit_without_z(x)[[0, 2]], rtol=1e-6)
    np.testing.assert_allclose(fitted[1], likelihood.fit_without_z(x[:10])[1], rtol=1e-6)


class OneHot(Likelihood):
    """Rows of which one entry is 1: the entries of a row depend on each other."""

    def _entries(self, parameters):
        return tfp.distributions.OneHotCategorical(parameters)


class Correlated(Likelihood):
    """A `distribution` of its own."""

    def distribution(self, parameters):
        return tfp.distributions.MultivariateNormalTriL(parameters, np.eye(4, dtype="float32"))


@pytest.mark.parametrize("method", ["log_prob", "log_prob_of_pairs"])
@pytest.mark.parametrize(("kind", "shape"), [(OneHot, (4, 4, 4)), (Correlated, (4, 4))])
def test_a_mask_is_refused_where_entries_depend_on_each_other(kind, shape, method):
    x = np.broadcast_to(np.eye(4, dtype="float32"), shape)
    log_prob = getattr(kind(), method)
    assert log_prob(x, np.zeros_like(x)).shape == ((4,) if method == "log_prob" else (4, 4))
    with pytest.raises(DataError, match=f"^a mask leaves .*{kind.__name__}") as error:
        log_prob(x, np.zeros_like(x), np.ones_like(x))
    assert "\n" not in str(error.value)


class WithoutMasks(Gaussian):
    """A likelihood of data without gaps."""

    def log_prob(self, x, parameters):
        return super().log_prob(x, parameters)

    def fit_without_z(self, x):
        return super().fit_without_z(x)


def test_a_method_gets_the_mask_there_is_and_says_if_it_takes_none():
    x = np.arange(6, dtype="float32").reshape(3, 2)
    own, mask = WithoutMasks(), np.float32([[1, 1], [1, 1], [1, 0]])
    np.testing.assert_array_equal(
        with_mask(own.log_prob_of_pairs, x, x, mask=mask),
        Gaussian().log_prob_of_pairs(x, x, mask),
    )
    np.testing.assert_array_equal(with_mask(own.fit_without_z, x), [2, 3])
    np.testing.assert_array_equal(with_mask(Gaussian().fit_without_z, x, mask=mask), [2, 2])
    for method, arguments in ((own.log_prob, (x, x)), (own.fit_without_z, (x,))):
        with pytest.raises(DataError, match=rf"WithoutMasks\.{method.__name__} takes none"):
            with_mask(method, *arguments, mask=mask)
