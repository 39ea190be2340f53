import numpy as np
import pytest
import tensorflow as tf

from keras_vae.evidence.annealing import TARGET_ACCEPTANCE, annealing_function
from keras_vae.evidence.log_joint import log_joint

CHAINS = 3


def walk(vae, x, u, b, first_step, adaptation, leapfrog_steps=3):
    anneal = annealing_function(vae, x, CHAINS, leapfrog_steps)
    log_steps = tf.fill((len(b), len(x)), np.float32(np.log(first_step)))
    found = anneal(x, u, np.asarray(b), log_steps, adaptation, (0, 1))
    return [np.asarray(part) for part in (*found, log_steps)]


@pytest.fixture(scope="module")
def start(linear):
    """(model, x, u, log p(x, z) - log q(z|x) at the z of u, (CHAINS, examples))."""
    model = linear([2.0, 1.0], widen=2.0)
    x = model.draw(8)
    u = np.random.default_rng(0).normal(size=(len(x) * CHAINS, 2)).astype("float32")
    z_mean, z_log_var = (np.repeat(part, CHAINS, axis=0) for part in model.vae.encode(x))
    z = tf.constant(z_mean + np.exp(z_log_var / 2) * u)
    rows = np.repeat(x, CHAINS, axis=0)
    log_ratio = log_joint(model.vae, rows, z) - model.vae.posterior(rows).log_prob(z)
    return model, x, u, np.reshape(log_ratio, (-1, CHAINS)).T


def test_without_a_move_a_weight_is_that_of_importance_sampling(start):
    model, x, u, log_ratio = start
    log_w, _, _, _ = walk(model.vae, x, u, [0.0, 1.0], 0.5, 0.0)
    np.testing.assert_allclose(log_w, log_ratio, rtol=1e-5)
    # backwards each is one over it
    log_w, _, _, _ = walk(model.vae, x, u, [1.0, 0.0], 0.5, 0.0)
    np.testing.assert_allclose(log_w, -log_ratio, rtol=1e-5)


def test_chains_that_hardly_move_have_the_weight_of_their_start(start):
    model, x, u, log_ratio = start
    b = np.linspace(0, 1, 6)
    log_w, acceptance, _, _ = walk(model.vae, x, u, b, 1e-4, 0.0)
    np.testing.assert_allclose(log_w, log_ratio, atol=0.02)
    np.testing.assert_allclose(acceptance, 1, atol=1e-3)


@pytest.mark.parametrize(("first_step", "direction"), [(1e-3, 1), (30.0, -1)])
def test_step_sizes_follow_the_acceptance_or_stay(start, first_step, direction):
    model, x, u, _ = start
    b = np.linspace(0, 1, 6)
    _, acceptance, after, before = walk(model.vae, x, u, b, first_step, 0.0)
    np.testing.assert_array_equal(after, before)
    assert (np.sign(acceptance - TARGET_ACCEPTANCE) == direction).all()
    _, _, after, before = walk(model.vae, x, u, b, first_step, 0.3)
    assert (np.sign(after - before)[1:-1] == direction).all()
