from dataclasses import replace

import numpy as np
import pytest
import reference
import tensorflow as tf
from tensorflow_probability import distributions as tfd

from keras_vae import ConfigError, terms
from keras_vae.distributions import StandardNormal, normal_posterior
from keras_vae.objectives import BetaTC


def made(batch=6, d=3):
    rng = np.random.default_rng(0)
    z_mean, z_log_var = rng.normal(size=(2, batch, d)).astype("float32")
    q = normal_posterior(z_mean, z_log_var)
    p = StandardNormal().distribution(d)
    z = q.sample(1, seed=(1, 2))
    log_likelihood = tf.constant(rng.normal(size=(1, batch)).astype("float32"))
    return terms.Terms(log_likelihood, terms.rate(q, p), z, q.log_prob(z), q, p), z_mean, z_log_var


def by_hand(found, z_mean, z_log_var, examples, beta):
    """The loss in float64, pair by pair (Chen et al. 2018, appendix C.2)."""
    z = np.asarray(found.z[0], "float64")
    batch, others = len(z), len(z) - 1
    losses = []
    for i in range(batch):
        # log q(z_i|x_j), entry by entry, by the weight of x_j
        log_q = reference.normal_log_density(z[i], z_mean, z_log_var)
        weights = np.full(batch, 1 / others)
        weights[i] = 1 / examples
        weights[(i + 1) % batch] = (examples - others) / (examples * others)
        log_q_z = np.log(np.sum(weights * np.exp(log_q.sum(axis=1))))
        log_q_of_latents = np.log(weights @ np.exp(log_q)).sum()
        log_p = reference.normal_log_density(z[i], 0, 0).sum()
        information = log_q[i].sum() - log_q_z
        total_correlation = log_q_z - log_q_of_latents
        rest = log_q_of_latents - log_p
        losses.append(information + beta * total_correlation + rest)
    return np.asarray(found.distortion) + losses


@pytest.mark.parametrize("beta", [0.0, 1.0, 6.0])
def test_the_loss_is_that_of_the_paper_pair_by_pair(beta):
    found, *codes = made()
    loss = BetaTC(50).loss(found, tf.constant(beta))
    np.testing.assert_allclose(loss, by_hand(found, *codes, 50, beta), rtol=1e-4)


def test_with_beta_1_it_is_minus_the_elbo_at_the_drawn_z():
    found, *_ = made()
    expected = found.distortion + found.log_posterior[0] - found.log_prior[0]
    np.testing.assert_allclose(BetaTC(50).loss(found, tf.constant(1.0)), expected, rtol=1e-5)


def test_latents_that_depend_on_each_other_cost_beta_more():
    """q(z|x) very narrow around means on a line: the total correlation is large and positive."""
    line = np.repeat(np.linspace(-2, 2, 64, dtype="float32")[:, None], 2, axis=1)
    q = normal_posterior(line, np.full_like(line, -4.0))
    p = StandardNormal().distribution(2)
    z = q.sample(1, seed=(0, 0))
    found = terms.Terms(tf.zeros((1, 64)), terms.rate(q, p), z, q.log_prob(z), q, p)
    one, two = (np.mean(BetaTC(64).loss(found, tf.constant(b))) for b in (1.0, 2.0))
    assert 1.0 < two - one < 3.0


def test_latents_that_are_not_independent_are_refused():
    full = tfd.MultivariateNormalTriL(np.zeros(3, "float32"), np.eye(3, dtype="float32"))
    found = replace(made()[0], prior=full)
    with pytest.raises(ConfigError, match=r"beta-tc .* p\(z\); choose posterior diagonal"):
        BetaTC(50).loss(found, 1.0)
    with pytest.raises(ConfigError, match=r"give BetaTC\(examples=len\(x\)\)"):
        BetaTC()
