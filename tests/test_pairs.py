import keras
import numpy as np
import pytest

import keras_vae
from keras_vae import pairs
from keras_vae.diagnosis.measurements.calls import Calls
from keras_vae.diagnosis.subjects.of_vae import of_vae
from keras_vae.evaluation import impute, score
from keras_vae.evidence import (
    annealed_evidence,
    elbo_by_quadrature,
    importance_weighted_bound,
    inference_gaps,
    posterior_grid,
    posterior_terms,
)
from keras_vae.networks import mlp_decoder, mlp_encoder
from keras_vae.pairs import pairs_at_once


@pytest.mark.parametrize(
    ("event_shape", "most", "expected"),
    [
        ((64, 64, 3), 10_000, 170),
        ((28, 28), 10_000, 2674),
        ((28, 28), 2000, 2000),
        ((10,), 10_000, 10_000),
        ((), 10, 10),
        ((None, 4), 2**30, 2**19),
        ((2**22,), 10, 1),
    ],
)
def test_they_become_fewer_where_x_is_large(event_shape, most, expected):
    assert pairs_at_once(event_shape, most) == expected


class Widest(keras.Layer):
    """Notes the largest batch that went through, in any graph."""

    def build(self, input_shape):
        self.rows = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, inputs):
        rows = keras.ops.cast(keras.ops.shape(inputs)[0], "float32")
        self.rows.assign(keras.ops.maximum(self.rows, rows))
        return inputs


@pytest.fixture(scope="module")
def watched():
    keras.utils.set_random_seed(0)
    x, z, widest = keras.Input((6,)), keras.Input((2,)), Widest()
    encoder = keras.Model(x, mlp_encoder((6,), 2, hidden=(16,))(widest(x)))
    decoder = keras.Model(z, mlp_decoder((6,), 2, hidden=(16,))(widest(z)))
    return keras_vae.VAE(encoder, decoder, seed=0), widest


def many(x):
    return np.tile(x, (20, 1))


def to_fill(x):
    return {"x": x, "mask": np.where(np.arange(x.size).reshape(x.shape) % 5, 1.0, 0.0)}


ESTIMATES = {
    "codes": lambda vae, x: vae.encode(many(x))[0],
    "rates": lambda vae, x: vae.latent_rates(many(x)),
    "decoded": lambda vae, x: vae.decode(many(x)[:, :2]),
    "terms": lambda vae, x: sum(posterior_terms(vae, many(x), samples=1)),
    "scores": lambda vae, x: score(vae, x, x, samples=100).log_evidence,
    "filled": lambda vae, x: impute(vae, to_fill(x), samples=100).x,
    "diagnosis": lambda vae, x: Calls(of_vae(vae, many(x)))._encode(many(x))[0],
    "L_K": lambda vae, x: importance_weighted_bound(vae, x, 3000).bounds,
    "log_likelihood": lambda vae, x: vae.log_likelihood(x, samples=3000)[0],
    "quadrature": elbo_by_quadrature,
    "grid": lambda vae, x: posterior_grid(vae, x[0])[2],
    "annealed": lambda vae, x: annealed_evidence(vae, x, chains=16, steps=40).log_evidence,
    "gaps": lambda vae, x: (
        inference_gaps(vae, x, np.zeros(len(x)), steps=30, samples=8, evaluation_samples=2000).elbo
    ),
}


@pytest.mark.parametrize("estimate", ESTIMATES)
def test_no_estimate_decodes_more_of_them_at_once_and_all_stay_the_same(
    watched, binary_x, monkeypatch, estimate
):
    vae, widest = watched
    x = binary_x[:30]
    figures = ESTIMATES[estimate](vae, x)
    monkeypatch.setattr(pairs, "NUMBERS", 6 * 300)
    widest.rows.assign(0)
    few = ESTIMATES[estimate](vae, x)
    assert 200 <= float(widest.rows) <= 300
    if estimate in ("codes", "rates", "decoded", "diagnosis", "quadrature", "grid"):
        np.testing.assert_allclose(few, figures, atol=1e-5)
    else:  # other draws in other batches
        assert np.mean(few) == pytest.approx(np.mean(figures), abs=0.05)
