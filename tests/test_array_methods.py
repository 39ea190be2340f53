"""Arrays in, arrays out; what draws, encodes and decodes is tested with the VAE."""

import keras
import numpy as np
import pytest
from extensions import conditional, full_covariance
from reference import kl_from_standard_normal

from keras_vae import VAE, ConfigError, DataError
from keras_vae.errors import DoesNotApply
from keras_vae.evidence import importance_weighted_bound


def test_the_latent_rates_add_up_to_the_closed_form(small_vae, binary_x):
    vae = small_vae()
    rates = vae.latent_rates(binary_x, batch_size=30)
    assert rates.shape == (len(binary_x), 2)
    expected = kl_from_standard_normal(*vae.encode(binary_x))
    np.testing.assert_allclose(rates.sum(axis=1), expected, rtol=1e-4, atol=1e-6)


def test_latents_that_are_not_independent_have_no_rates_of_their_own():
    vae = full_covariance.make(np.zeros((1, 4)))
    with pytest.raises(DoesNotApply, match="MultivariateNormalTriL"):
        vae.latent_rates(np.zeros((3, 4)))


def test_what_encode_gives_are_the_moments_of_any_family():
    x = np.random.default_rng(0).standard_normal((5, 4)).astype("float32")
    vae = full_covariance.make(x)
    z_mean, z_log_var = vae.encode(x)
    q = vae.posterior(x)
    np.testing.assert_allclose(z_mean, q.mean(), atol=1e-6)
    covariance = np.asarray(q.covariance())
    np.testing.assert_allclose(np.exp(z_log_var), np.diagonal(covariance, 0, 1, 2), rtol=1e-5)


def test_the_log_likelihood_is_the_importance_weighted_bound_with_its_error(small_vae, binary_x):
    vae, x = small_vae(), binary_x[:7]
    bound, error = vae.log_likelihood(x, samples=3000)
    same = importance_weighted_bound(vae, x, [3000])  # by the same draws
    np.testing.assert_allclose(bound, same.bounds[0], rtol=1e-6)
    np.testing.assert_allclose(error, same.standard_error, rtol=1e-3)
    in_batches, other_error = vae.log_likelihood(x, samples=3000, batch_size=3)
    assert (np.abs(in_batches - bound) < 5 * np.hypot(error, other_error)).all()


@pytest.mark.parametrize("samples", [1, 2.5, None])
def test_one_sample_has_no_error_and_is_refused(small_vae, binary_x, samples):
    with pytest.raises(ConfigError, match="samples="):
        small_vae().log_likelihood(binary_x, samples=samples)


@pytest.mark.parametrize("seed", [None, 0.5])
def test_a_seed_that_is_not_whole_is_refused(small_vae, binary_x, seed):
    with pytest.raises(ConfigError, match="seed="):
        small_vae().log_likelihood(binary_x, seed=seed)


def test_conditions_are_one_for_each_z_or_one_for_all():
    vae = conditional.make(np.zeros((1, 4)))
    z = np.random.default_rng(0).standard_normal((4, 2)).astype("float32")
    condition = np.eye(3)[[0, 1, 1, 2]]
    decoded = vae.decode(z, condition=condition)
    for i in range(4):
        one = vae.decode(z[i : i + 1], condition=condition[i])
        np.testing.assert_allclose(decoded[i : i + 1], one, rtol=1e-6, atol=1e-6)
    in_batches = vae.decode(z, batch_size=3, condition=condition)
    np.testing.assert_allclose(in_batches, decoded, rtol=1e-6, atol=1e-6)
    drawn = vae.generate(4, seed=1, condition=condition)
    assert not np.allclose(drawn, vae.generate(4, seed=1, condition=condition[::-1]))
    assert vae.sample(4, seed=1, condition=condition).shape == (4, 4)


@pytest.mark.parametrize(
    ("condition", "said"),
    [(None, "this model is conditional"), (np.eye(3)[:2], "2 conditions for 4 z"),
     (np.eye(2)[[0, 0, 1, 1]], "condition has shape"),
     ([0, np.nan, 1], "condition holds NaN"), (np.full((4, 3), np.inf), "NaN or inf")],
)  # fmt: skip
def test_conditions_that_do_not_fit_are_refused(condition, said):
    with pytest.raises(DataError, match=said):
        conditional.make(np.zeros((1, 4))).generate(4, condition=condition)


def test_a_model_that_is_not_conditional_takes_none(small_vae):
    with pytest.raises(DataError, match="the model takes none"):
        small_vae().generate(2, condition=np.zeros(3))


class Heads(keras.Model):
    """An encoder without shapes of its own, so that a VAE of it is built by its first x."""

    def __init__(self):
        super().__init__()
        self.parts = [keras.layers.Dense(2) for _ in range(2)]

    def call(self, x):
        return tuple(part(x) for part in self.parts)


def test_a_model_that_has_seen_no_x_decodes_and_estimates():
    decoder = keras.Sequential([keras.layers.Dense(6)])
    vae = VAE(Heads(), decoder, seed=0)
    assert vae.event_shape is None
    z = np.array([[1.0, 2.0]], "float32")
    np.testing.assert_allclose(vae.decode(z), 1 / (1 + np.exp(-decoder(z).numpy())), atol=1e-6)
    x = np.ones((3, 6), "float32")
    bound, _ = vae.log_likelihood(x, samples=5)
    assert vae.event_shape == (6,)
    np.testing.assert_array_equal(vae.log_likelihood(x, samples=5)[0], bound)
