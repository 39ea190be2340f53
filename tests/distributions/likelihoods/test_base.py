import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp
from distributions.entries import examples, log_prob_of_entries, outputs, tiny_vae

from keras_vae import DataError
from keras_vae.distributions import (
    LIKELIHOODS,
    Categorical,
    DiscretizedLogistic,
    Gaussian,
    Likelihood,
    NegativeBinomial,
    with_mask,
)
from keras_vae.export import check_version, export_version


@pytest.fixture(params=sorted(LIKELIHOODS))
def likelihood(request):
    likelihood = LIKELIHOODS[request.param]()
    if request.param == "gaussian":
        likelihood.x_log_var.assign(-9.0 / likelihood.speed)
    return likelihood


@pytest.mark.parametrize("name", LIKELIHOODS)
@pytest.mark.parametrize("event_shape", [(6,), (2, 3), (3, 2, 1)])
def test_log_prob_sums_over_the_event_and_keeps_the_batch(name, event_shape):
    rng = np.random.default_rng(0)
    likelihood = LIKELIHOODS[name]()
    parameters = outputs(likelihood, rng, 4, event_shape)
    x = examples(likelihood, rng, 4, event_shape)
    distribution = likelihood.distribution(parameters)
    assert (distribution.batch_shape, distribution.event_shape) == ((4,), event_shape)
    entries = log_prob_of_entries(likelihood, x, parameters).reshape(4, 6)
    np.testing.assert_allclose(distribution.log_prob(x), entries.sum(axis=1), rtol=1e-4)


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_half_precision_parameters_are_computed_in_float32(name):
    likelihood = LIKELIHOODS[name]()
    parameters = outputs(likelihood, np.random.default_rng(0), 2, (3,))
    halves = tf.nest.map_structure(lambda part: np.float16(part), parameters)
    distribution = likelihood.distribution(halves)
    assert distribution.dtype == "float32"
    assert distribution.log_prob(np.ones((2, 3), "float32")).dtype == "float32"


def test_only_a_probability_is_called_discrete():
    discrete = {name for name, likelihood in LIKELIHOODS.items() if likelihood.is_discrete}
    assert discrete == {
        "bernoulli", "discretized_logistic", "categorical", "ordinal",
        "poisson", "negative_binomial", "zero_inflated_negative_binomial",
    }  # fmt: skip


def test_only_a_bernoulli_is_binary_although_levels_lie_between_0_and_1_too():
    binary = {name for name, likelihood in LIKELIHOODS.items() if likelihood().is_binary}
    assert binary == {"bernoulli"}


def test_a_likelihood_without_its_distribution_says_what_it_must_define():
    with pytest.raises(NotImplementedError, match="_entries"):
        Likelihood().distribution(np.zeros((2, 3), "float32"))


def test_log_prob_is_that_of_the_distribution(likelihood):
    rng = np.random.default_rng(0)
    x = examples(likelihood, rng, 6, (3, 2))
    parameters = outputs(likelihood, rng, 6, (3, 2), size=5)
    expected = likelihood.distribution(parameters).log_prob(x)
    np.testing.assert_allclose(likelihood.log_prob(x, parameters), expected, rtol=1e-5)


@pytest.mark.parametrize("shape", [(3,), (3, 2)])
def test_pairs_hold_every_x_with_every_z(likelihood, shape):
    rng = np.random.default_rng(0)
    x = examples(likelihood, rng, 6, shape)
    parameters = outputs(likelihood, rng, 4, shape, size=3)
    tf.nest.flatten(parameters)[0][0, 0] = 88.0
    expected = np.transpose([likelihood.log_prob(x, rows(parameters, [j] * 6)) for j in range(4)])
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
    x = MASK * examples(likelihood, rng, 6, (3, 2))
    parameters = outputs(likelihood, rng, 6, (3, 2))
    entries = log_prob_of_entries(likelihood, np.where(MASK, x, 1), parameters)
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
    got = likelihood.log_prob_of_pairs(x, rows(parameters, slice(4)), MASK)
    for j in range(4):
        same = rows(parameters, [j] * 6)
        expected = likelihood.log_prob(x, same, MASK)
        np.testing.assert_allclose(got[:, j], expected, rtol=1e-4, atol=1e-5)


def test_the_fit_without_z_is_that_of_the_observed_entries(likelihood):
    rng = np.random.default_rng(0)
    x = examples(likelihood, rng, 40, (3,))
    mask = np.ones_like(x)
    mask[10:, 1] = 0

    def fitted(*given):
        parts = tf.nest.flatten(likelihood.fit_without_z(*given))
        per_entry = [np.reshape(part, (3, -1)) for part in parts]
        # weights of each entry are set as well
        weights = [w.numpy() for w in likelihood.weights if w.shape[:1] == (3,)]
        return np.concatenate([*per_entry, *(w.reshape(3, -1) for w in weights)], axis=1)

    np.testing.assert_array_equal(fitted(x, np.ones_like(x)), fitted(x))
    of_observed, of_all, of_ten = fitted(np.where(mask, x, 1), mask), fitted(x), fitted(x[:10])
    np.testing.assert_allclose(of_observed[[0, 2]], of_all[[0, 2]], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(of_observed[1], of_ten[1], rtol=1e-4, atol=1e-6)


def rows(parameters, which):
    return tf.nest.map_structure(lambda part: part[which], parameters)


def natural(name):
    """x (300, 2) as the likelihood is meant for."""
    rng = np.random.default_rng(2)
    shape = (300, 2)
    x = {
        "bernoulli": lambda: rng.random(shape) < [0.2, 0.5],
        "categorical": lambda: rng.random(shape) < [0.2, 0.5],
        "ordinal": lambda: rng.random(shape) < [0.2, 0.5],
        "continuous_bernoulli": lambda: rng.beta(2, [1, 3], shape),
        "discretized_logistic": lambda: np.round(255 * rng.beta(2, [1, 9], shape)) / 255,
        "gaussian": lambda: rng.normal([3, -1], 2, shape),
        "diagonal_gaussian": lambda: rng.normal([3, -1], [0.1, 2], shape),
        "log_normal": lambda: rng.lognormal([3, -1], [0.1, 0.5], shape),
        "poisson": lambda: rng.poisson([0.7, 6], shape),
        "negative_binomial": lambda: rng.negative_binomial([1, 3], [0.5, 0.2], shape),
        "zero_inflated_negative_binomial": lambda: (
            rng.negative_binomial([2, 3], [0.2, 0.2], shape) * (rng.random(shape) < 0.6)
        ),
    }[name]()
    return x.astype("float32")


@pytest.mark.parametrize("is_masked", [False, True])
@pytest.mark.parametrize("name", LIKELIHOODS)
def test_no_other_constant_makes_the_data_more_likely_than_the_fit(name, is_masked):
    x, likelihood = natural(name), LIKELIHOODS[name]()
    mask = np.ones_like(x)
    if is_masked:
        mask = np.random.default_rng(3).integers(0, 2, x.shape).astype("float32")
    best = likelihood.fit_without_z(x, mask if is_masked else None)

    def log_p():
        repeated = tf.nest.map_structure(lambda part: np.stack([part] * len(x)), best)
        return np.sum(np.float64(likelihood.log_prob_of_entries(x, repeated)) * mask)

    def moved(array, assign):
        kept = np.array(array)
        for i in np.ndindex(kept.shape):
            for step in (-0.1, 0.1):
                other = kept.copy()
                other[i] += step
                assign(other)
                yield
        assign(kept)

    highest = log_p()
    parts = [(part, lambda value, part=part: part.__setitem__(..., value))
             for part in tf.nest.flatten(best)]  # fmt: skip
    parts += [(weight.numpy(), weight.assign) for weight in likelihood.trainable_weights]
    for array, assign in parts:
        for _ in moved(array, assign):
            assert log_p() < highest
    assert log_p() == highest


def fitted_to(name, count):
    """(a likelihood, x, what the decoder must put out, for each of `count` rows)."""
    likelihood, x = LIKELIHOODS[name](), natural(name)[:30]
    best = likelihood.fit_without_z(x)
    return likelihood, x, tf.nest.map_structure(lambda part: np.stack([part] * count), best)


def check_draws(likelihood, best, draw):
    """Holds draws of p against its mean, its variance, and log p."""
    p = likelihood.distribution(best)
    x = np.asarray(draw(best))
    values, root = x.astype("float64"), np.sqrt(len(x))
    mean, variance = (np.asarray(f())[0].astype("float64") for f in (p.mean, p.variance))
    if likelihood.name.startswith("discretized"):  # its moments are those between the levels
        variance = values.var(axis=0)
    assert (np.abs(values.mean(axis=0) - mean) <= 4 * values.std(axis=0) / root + 1e-3).all()
    squares = (values - mean) ** 2
    assert (np.abs(squares.mean(axis=0) - variance) <= 5 * squares.std(axis=0) / root + 1e-3).all()
    # E_p[q(x) / p(x)] = 1 for every q, if p is what is drawn from
    for shift in (-0.05, 0.05):
        shifted = tf.nest.map_structure(lambda part, by=shift: part + by, best)
        q = likelihood.distribution(shifted)
        ratio = np.exp(np.asarray(q.log_prob(x) - p.log_prob(x), "float64"))
        assert abs(ratio.mean() - 1) < 4 * ratio.std() / root + 1e-5


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_draws_have_the_mean_and_the_variance_and_the_probability_that_are_told(name):
    likelihood, _, best = fitted_to(name, 8000)
    draw = tf.function(lambda parameters: likelihood.distribution(parameters).sample(seed=(3, 4)))
    check_draws(likelihood, best, draw)
    np.testing.assert_array_equal(draw(best), draw(best))


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["zero_inflated_negative_binomial", "discretized_logistic", "ordinal"]
)
def test_draws_and_log_p_can_be_compiled_by_xla(name):
    likelihood, x, best = fitted_to(name, 8000)

    @tf.function(jit_compile=True)
    def draw(parameters):
        return likelihood.distribution(parameters).sample(seed=(3, 4))

    check_draws(likelihood, best, draw)
    some = rows(best, slice(len(x)))
    compiled = tf.function(likelihood.log_prob, jit_compile=True)(x, some)
    np.testing.assert_allclose(compiled, likelihood.log_prob(x, some), rtol=1e-5)


@pytest.mark.parametrize("name", sorted(set(LIKELIHOODS) - {"bernoulli", "continuous_bernoulli"}))
def test_a_vae_trains_its_likelihoods_weights_and_saves_them(name, tmp_path, mixed_precision):
    keras.utils.set_random_seed(0)
    likelihood = LIKELIHOODS[name]()
    x = examples(likelihood, np.random.default_rng(0), 20, (3,))
    vae = tiny_vae(likelihood)
    likelihood.fit_without_z(x)
    before = [weight.numpy() for weight in likelihood.trainable_weights]
    losses = vae.fit(x, epochs=5, batch_size=10, verbose=0).history["loss"]
    assert np.isfinite(losses).all()
    for weight, old in zip(likelihood.trainable_weights, before, strict=True):
        assert weight.dtype == "float32"
        assert weight.shape.num_elements() == 0 or (weight.numpy() != old).any()
        assert any(weight is each for each in vae.trainable_weights)
    vae.save(tmp_path / "vae.keras")
    loaded = keras.saving.load_model(tmp_path / "vae.keras")
    for ours, theirs in zip(likelihood.weights, loaded.likelihood.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(loaded.terms(x, seed=1).elbo, vae.terms(x, seed=1).elbo)


@pytest.mark.slow
@pytest.mark.parametrize(
    "likelihood",
    [NegativeBinomial(), DiscretizedLogistic(), Categorical((3, 5, 2))],
    ids=lambda likelihood: type(likelihood).__name__,
)
def test_an_export_of_counts_levels_and_categories_answers_as_the_model_does(likelihood, tmp_path):
    x = examples(likelihood, np.random.default_rng(0), 20, (3,))
    vae = tiny_vae(likelihood)
    likelihood.fit_without_z(x)
    path, metadata = export_version(vae, tmp_path, samples=4)
    assert check_version(path)["faults"] == []
    shown = metadata["signatures"]["decode"]["outputs"]["mean"]["meaning"]
    assert shown.startswith("mode" if isinstance(likelihood, Categorical) else "mean")


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
