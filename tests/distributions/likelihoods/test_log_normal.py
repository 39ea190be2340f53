import numpy as np
import pytest
from distributions.entries import tiny_vae
from scipy import integrate, stats

from keras_vae import DataError
from keras_vae.distributions import DiagonalGaussian, LogNormal

RNG = np.random.default_rng(0)
X = RNG.lognormal([0, 8, -3], [1, 0.01, 3], size=(400, 3)).astype("float32")


def fitted():
    likelihood = LogNormal()
    return likelihood, likelihood.fit_without_z(X)


def rows(best, count):
    return {name: np.stack([part] * count) for name, part in best.items()}


def test_log_p_is_that_of_the_logs_and_the_jacobian():
    likelihood, best = fitted()
    logs = np.log(X.astype("float64"))
    expected = stats.lognorm.logpdf(X, logs.std(axis=0), scale=np.exp(logs.mean(axis=0)))
    found = likelihood.log_prob_of_entries(X, rows(best, 400))
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=2e-3)
    gaussian = DiagonalGaussian()
    of_logs = gaussian.log_prob(np.float32(logs), rows(gaussian.fit_without_z(logs), 400))
    np.testing.assert_allclose(likelihood.log_prob(X, rows(best, 400)), of_logs - logs.sum(axis=1),
                               rtol=1e-5, atol=2e-3)  # fmt: skip


def test_the_density_integrates_to_1():
    likelihood, best = fitted()
    x = np.geomspace(1e-5, 1e5, 4001).astype("float32")
    given = np.stack([x, np.ones_like(x), np.ones_like(x)], axis=1)
    density = np.exp(likelihood.log_prob_of_entries(given, rows(best, len(x)))[:, 0])
    assert integrate.simpson(density, x=x.astype("float64")) == pytest.approx(1, abs=1e-4)


def test_the_reconstruction_is_the_median_and_the_moments_are_those_of_x():
    likelihood, best = fitted()
    logs = np.log(X.astype("float64"))
    np.testing.assert_allclose(likelihood(rows(best, 1))[0], np.exp(logs.mean(axis=0)), rtol=1e-5)
    p = likelihood.distribution(rows(best, 1))
    variance = logs.var(axis=0)
    expected = np.exp(logs.mean(axis=0) + variance / 2)
    np.testing.assert_allclose(p.mean()[0], expected, rtol=1e-4)
    np.testing.assert_allclose(p.variance()[0], np.expm1(variance) * expected**2, rtol=5e-3)


@pytest.mark.parametrize("x", [0.0, -2.0])
def test_what_is_not_above_0_is_refused_and_has_no_density(x):
    likelihood, best = fitted()
    with pytest.raises(DataError, match=f"LogNormal describes values above 0, .* {x:g} in row 1"):
        likelihood.check(np.float32([[1, 2, 3], [1, x, 3]]))
    assert likelihood.log_prob(np.float32([[1, x, 3]]), rows(best, 1)) == -np.inf
    with pytest.raises(DataError, match="1 NaN value"):
        likelihood.check(np.float32([[np.nan, 1, 1]]))


def test_a_vae_takes_what_is_missing_whatever_stands_there():
    mask = (RNG.random(X.shape) < 0.7).astype("float32")
    x, mask = X[:20], mask[:20]
    vae = tiny_vae(LogNormal())
    vae.likelihood.fit_without_z(x, mask)
    elbos = [
        vae.terms({"x": np.where(mask, x, other).astype("float32"), "mask": mask}, seed=1).elbo
        for other in (np.nan, 0, -1, 3)
    ]
    assert np.isfinite(elbos).all()
    for elbo in elbos[1:]:
        np.testing.assert_array_equal(elbo, elbos[0])
    given = {"x": np.where(mask, x, np.nan), "mask": mask}
    losses = vae.fit(given, epochs=2, batch_size=10, verbose=0).history["loss"]
    assert np.isfinite(losses).all()
    assert all(np.isfinite(weight).all() for weight in vae.get_weights())
