"""A stale trace gives old numbers in silence: each way in which a model changes must be seen."""

import gc
import logging
import types
import weakref
from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_probability import distributions as tfd

from keras_vae import VAE
from keras_vae.distributions import ContinuousBernoulli
from keras_vae.networks import mlp_decoder, mlp_encoder
from keras_vae.objectives import Objective
from keras_vae.traced import specs_of, traced, traced_of

X = np.random.default_rng(0).integers(0, 2, (5, 6)).astype("float32")
Z = np.random.default_rng(1).normal(size=(5, 2)).astype("float32")
SEED = np.array([3, 0])
traces = []


class Scale(keras.layers.Layer):
    """Multiplies by numbers that are no weights of Keras."""

    def __init__(self):
        super().__init__()
        self.factor, self.factors = 1.0, np.ones(6, "float32")
        self.options = types.SimpleNamespace(shifts=[0.0])

    def call(self, x):
        return self.factor * self.factors * x + self.options.shifts[-1]


class WidePrior(keras.layers.Layer):
    """N(0, s^2 I), s a weight."""

    def build(self, shape):
        self.log_scale = self.add_weight(shape=(), initializer="zeros", name="log_scale")

    def distribution(self, latent_dim):
        scale = tf.exp(self.log_scale) * tf.ones(latent_dim)
        return tfd.MultivariateNormalDiag(tf.zeros(latent_dim), scale)


class Draws(Objective):
    def __init__(self, samples):
        self.samples = samples

    def loss(self, terms, beta):
        return -terms.elbo


def make(objective="elbo"):
    keras.utils.set_random_seed(0)
    z = keras.Input((2,))
    outputs = Scale()(keras.layers.Dense(6, "tanh")(keras.layers.Dense(4, "relu")(z)))
    encoder = mlp_encoder((6,), 2, hidden=(4,))
    prior = WidePrior()
    prior.build(None)
    return VAE(encoder, keras.Model(z, outputs), prior=prior, objective=objective, seed=0)


def everything(vae, x, z, seed):
    """All that an estimate asks of a model: every part has a say in it."""
    traces.append(vae)
    terms = vae.terms(x, seed=seed)
    log_prior = vae.prior.distribution(vae.latent_dim).log_prob(z)
    log_joint = vae.conditional_log_prob(x, z) + log_prior
    return log_joint, terms.rate, tf.reduce_sum(terms.log_likelihood, axis=0)


SIGNATURE = [*specs_of((X, Z)), tf.TensorSpec((2,), "int64")]


def kept(vae):
    return np.stack(traced_of(vae, everything, signature=SIGNATURE)(X, Z, SEED))


def plain(vae):
    return np.stack(everything(vae, X, Z, tf.constant(SEED)))


def scale_of(vae):
    return vae.decoder.layers[-1]


def replace(vae, name, part):
    """Keras refuses it of a built model, unless one insists."""
    vae._tracker.unlock()
    setattr(vae, name, part)


def another_decoder(vae):
    keras.utils.set_random_seed(1)
    replace(vae, "decoder", mlp_decoder((6,), 2, hidden=(3,)))


def another_encoder(vae):
    keras.utils.set_random_seed(1)
    replace(vae, "encoder", mlp_encoder((6,), 2, hidden=(3,)))


def another_prior(vae):
    replace(vae, "prior", WidePrior())
    vae.prior.build(None)
    vae.prior.log_scale.assign(1.0)


def another_method(vae):
    vae.conditional_log_prob = lambda x, z, training=False: tf.reduce_sum(z, axis=1)


def another_method_of_a_part(vae):
    vae.likelihood.log_prob = lambda x, parameters: tf.reduce_sum(parameters, axis=1)


def another_call_of_a_layer(vae):
    scale_of(vae).call = lambda x: 0.5 * x


def another_activation(vae):
    vae.decoder.layers[1].activation = keras.activations.elu


def another_attribute(vae):
    scale_of(vae).factor = 2.0


def an_array_changed_in_place(vae):
    scale_of(vae).factors[:] = 3.0


def a_list_in_an_object_of_a_layer(vae):
    scale_of(vae).options.shifts.append(1.0)


def another_policy(vae):
    vae.decoder.layers[1].dtype_policy = keras.DTypePolicy("mixed_float16")


def another_likelihood(vae):
    replace(vae, "likelihood", ContinuousBernoulli())


def more_draws(vae):
    vae.objective.samples = 3


def low_rank_weights(vae):
    dense = vae.decoder.layers[1]
    dense.enable_lora(1)
    dense.lora_kernel_a.assign(tf.ones_like(dense.lora_kernel_a))
    dense.lora_kernel_b.assign(tf.ones_like(dense.lora_kernel_b))


CHANGES = [
    another_decoder,
    another_encoder,
    another_prior,
    another_likelihood,
    another_method,
    another_method_of_a_part,
    another_call_of_a_layer,
    another_activation,
    another_attribute,
    an_array_changed_in_place,
    a_list_in_an_object_of_a_layer,
    another_policy,
    more_draws,
    low_rank_weights,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_model_that_is_made_of_something_else_is_traced_again(change):
    vae = make(Draws(2))
    before = kept(vae)
    np.testing.assert_allclose(before, plain(vae), rtol=1e-5)
    change(vae)
    after = plain(vae)
    assert np.max(np.abs(after - before)) > 1e-4  # it does change something
    np.testing.assert_allclose(kept(vae), after, rtol=1e-5)


def test_a_class_that_is_changed_in_place_is_traced_again(monkeypatch):
    """As a notebook does when it reloads a module."""
    vae = make()
    before = kept(vae)
    monkeypatch.setattr(Scale, "call", lambda self, x: 2 * x)
    assert not np.allclose(kept(vae), before)
    np.testing.assert_allclose(kept(vae), plain(vae), rtol=1e-5)
    before = kept(vae)
    monkeypatch.setattr(Scale.call, "__code__", (lambda self, x: 3 * x).__code__)
    assert not np.allclose(kept(vae), before)
    np.testing.assert_allclose(kept(vae), plain(vae), rtol=1e-5)


def test_other_values_of_weights_need_no_other_trace():
    vae = make()
    before = kept(vae)
    count = len(traces)
    for weight in vae.trainable_variables:
        weight.assign(weight + 0.1)
    after = kept(vae)
    assert len(traces) == count
    assert np.max(np.abs(after - before)) > 1e-3
    np.testing.assert_allclose(after, plain(vae), rtol=1e-5)


def test_a_model_that_is_only_used_is_traced_once():
    vae = make()
    vae.predict(X, verbose=0)  # the first time Keras takes a note of it
    before = kept(vae)
    count = len(traces)
    vae.encode(X)
    vae.generate(3, seed=0)
    vae.predict(X, verbose=0)
    vae(X, training=True)
    np.testing.assert_array_equal(kept(vae), before)
    assert len(traces) == count


def test_examples_of_another_kind_have_a_trace_of_their_own():
    vae = make()
    signature = [*SIGNATURE[:2], tf.TensorSpec((2,), "int32")]
    found = traced_of(vae, everything, signature=signature)(X, Z, SEED.astype("int32"))
    assert np.shape(found) == np.shape(kept(vae))
    with pytest.raises((TypeError, ValueError)):
        traced_of(vae, everything, signature=SIGNATURE)(X[:, :4], Z, SEED)


def scaled(vae, factor, function, x):
    return factor * function(vae.encoder(x)[0])


def test_options_are_a_part_of_what_is_kept():
    vae = make()
    z_mean = np.asarray(vae.encoder(X)[0])
    for factor, function in ((1.0, tf.abs), (2.0, tf.abs), (2.0, tf.square), (1.0, tf.abs)):
        found = traced_of(vae, scaled, factor, function, signature=[specs_of(X)])(X)
        np.testing.assert_allclose(found, factor * np.asarray(function(z_mean)), rtol=1e-5)


def test_a_function_that_closes_over_something_is_refused():
    factor = 2.0
    for function in (lambda vae, x: factor * x, lambda vae, x: x):
        with pytest.raises(TypeError, match="was made in a call"):
            traced_of(make(), function, signature=[specs_of(X)])


def test_a_model_dies_with_its_traces():
    vae = make()
    kept(vae)
    traces.clear()
    of_model, of_weight = weakref.ref(vae), weakref.ref(vae.decoder.layers[1].kernel)
    del vae
    keras.backend.clear_session()
    gc.collect()
    assert of_model() is None
    assert of_weight() is None


def test_files_and_exports_of_a_model_hold_no_traces(tmp_path, small_vae):
    vae = small_vae()
    names = [variable.path for variable in vae.variables]
    traced_of(vae, scaled, 1.0, tf.abs, signature=[specs_of(X)])(X)
    assert [variable.path for variable in vae.variables] == names
    vae.save(tmp_path / "vae.keras")
    loaded = keras.saving.load_model(tmp_path / "vae.keras")
    np.testing.assert_array_equal(loaded.encode(X), vae.encode(X))
    found = traced_of(loaded, scaled, 1.0, tf.abs, signature=[specs_of(X)])(X)
    np.testing.assert_allclose(found, np.abs(vae.encoder(X)[0]), rtol=1e-5)


def doubled(layer, x):
    return 2 * x


def test_many_models_are_no_reason_for_a_warning():
    said = []
    handler = logging.Handler()
    handler.emit = said.append
    tf.get_logger().addHandler(handler)
    for _ in range(8):
        found = traced_of(keras.layers.Layer(), doubled, signature=[specs_of(X)])(X)
        np.testing.assert_array_equal(found, 2 * X)
    tf.get_logger().removeHandler(handler)
    assert said == []


def test_what_is_traced_is_not_converted_by_autograph():
    def sign(x):
        return 1 if x > 0 else -1  # AutoGraph would make a tf.cond of it

    with pytest.raises(tf.errors.OperatorNotAllowedInGraphError):
        traced(sign)(tf.constant(1.0))
    assert traced(partial(tf.multiply, 2.0), input_signature=[tf.TensorSpec(())])(3.0) == 6.0


def test_specs_are_those_of_any_number_of_examples():
    x = {"x": np.zeros((5, 2, 3), "float32"), "condition": np.zeros((5, 4))}
    assert specs_of(x) == {
        "x": tf.TensorSpec((None, 2, 3), "float32"),
        "condition": tf.TensorSpec((None, 4), "float64"),
    }
