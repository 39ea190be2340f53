"""JAX: a whole epoch as one `lax.scan`, compiled."""

import jax
import numpy as np
import optax
from jax import numpy as jnp

SHAPES = ((784, 512), (512, 256), (256, 4), (2, 256), (256, 512), (512, 784))


def loss_of(weights, x, key):
    layers = [lambda h, w=w, b=b: h @ w + b for w, b in weights]
    h = jax.nn.relu(layers[1](jax.nn.relu(layers[0](x))))
    z_mean, z_log_var = jnp.split(layers[2](h), 2, axis=1)
    z = z_mean + jnp.exp(z_log_var / 2) * jax.random.normal(key, z_mean.shape)
    logits = layers[5](jax.nn.relu(layers[4](jax.nn.relu(layers[3](z)))))
    distortion = jnp.sum(jax.nn.softplus(logits) - x * logits, axis=1)
    rate = 0.5 * jnp.sum(jnp.exp(z_log_var) + z_mean**2 - 1 - z_log_var, axis=1)
    return jnp.mean(distortion + rate)


def epochs(x, batch_size):
    rng = np.random.default_rng(0)
    weights = [
        (jnp.asarray(rng.normal(0, (2 / (i + o)) ** 0.5, (i, o)), jnp.float32), jnp.zeros(o))
        for i, o in SHAPES
    ]
    x = jnp.asarray(x)
    optimizer = optax.adam(1e-3)
    steps = len(x) // batch_size

    def step(state, rows):
        weights, moments, key = state
        key, noise = jax.random.split(key)
        loss, gradients = jax.value_and_grad(loss_of)(weights, x[rows], noise)
        updates, moments = optimizer.update(gradients, moments, weights)
        return (optax.apply_updates(weights, updates), moments, key), loss

    @jax.jit
    def epoch(state):
        weights, moments, key = state
        key, shuffle = jax.random.split(key)
        order = jax.random.permutation(shuffle, len(x))[: steps * batch_size]
        state = weights, moments, key
        return jax.lax.scan(step, state, order.reshape(steps, batch_size))

    state = weights, optimizer.init(weights), jax.random.key(0)
    while True:
        state, losses = epoch(state)
        yield float(losses.mean())
