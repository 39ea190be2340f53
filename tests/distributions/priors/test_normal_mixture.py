import numpy as np
import pytest
import reference
import tensorflow as tf

from keras_vae.distributions.priors import NormalMixture


def made(narrowest=0.5):
    rng = np.random.default_rng(0)
    logits = rng.normal(size=7).astype("float32")
    loc = 3 * rng.normal(size=(7, 4)).astype("float32")
    scale = narrowest * np.exp(rng.uniform(0, 1, size=(7, 4))).astype("float32")
    return logits, loc, scale


def by_hand(logits, loc, scale, z):
    """log sum_k pi_k N(z; m_k, s_k), component by component in float64."""
    log_pi = logits - np.logaddexp.reduce(logits.astype("float64"))
    each = reference.normal_log_density(z[:, None], loc, 2 * np.log(scale.astype("float64")))
    return np.logaddexp.reduce(log_pi + each.sum(axis=-1), axis=1)


@pytest.mark.parametrize("narrowest", [0.5, 0.002])
def test_the_density_is_that_of_the_formula_in_float64_for_narrow_components_too(narrowest):
    parameters = made(narrowest)
    rng = np.random.default_rng(1)
    near = parameters[1][rng.integers(0, 7, 50)]
    z = np.concatenate([near + parameters[2].min() * rng.normal(size=near.shape), near + 5])
    z = z.astype("float32")
    found = NormalMixture(*parameters).log_prob(z)
    np.testing.assert_allclose(found, by_hand(*parameters, z), rtol=1e-5, atol=1e-4)


def test_the_bounds_hold_every_component():
    logits, loc, scale = made()
    low, high = NormalMixture(logits, loc, scale).bounds(5.0)
    np.testing.assert_allclose(low, (loc - 5 * scale).min(axis=0), rtol=1e-5)
    np.testing.assert_allclose(high, (loc + 5 * scale).max(axis=0), rtol=1e-5)


def test_z_of_any_leading_axes_has_its_density():
    p = NormalMixture(*made())
    z = p.sample((2, 3), seed=(0, 1))
    np.testing.assert_allclose(
        p.log_prob(z), tf.reshape(p.log_prob(tf.reshape(z, (6, 4))), (2, 3)), rtol=1e-5
    )
