import keras
import numpy as np
import pytest

import keras_vae
from keras_vae import DoesNotApply
from keras_vae.distributions import (
    Bernoulli,
    Categorical,
    DiscretizedLogistic,
    Ordinal,
)
from keras_vae.networks import mlp_decoder, mlp_encoder
from keras_vae.reports.decoder import decoder_steps

Z = np.random.default_rng(0).normal(size=(40, 2)).astype("float32")
SHAPE = (3, 2)
LIKELIHOODS = {
    **{name: name for name in keras_vae.LIKELIHOODS if name not in ("columns", "categorical",
                                                                    "ordinal")},
    "levels": DiscretizedLogistic(16),
    "ordinal": Ordinal(4),
}  # fmt: skip


def model(likelihood, x, shape=SHAPE):
    """A VAE with random weights, some of the decoder's large."""
    keras.utils.set_random_seed(0)
    vae = keras_vae.VAE(
        mlp_encoder(shape, 2, hidden=(5,)),
        mlp_decoder(likelihood.parameter_shapes(shape), 2, hidden=(5,)),
        likelihood,
    )
    vae.likelihood.fit_without_z(x)  # its own weights are not those that it begins with
    rng = np.random.default_rng(1)
    for weight in vae.decoder.weights:
        weight.assign(rng.normal(size=weight.shape))
    return vae


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_the_steps_end_with_what_the_likelihood_reconstructs(name):
    likelihood = LIKELIHOODS[name]
    if isinstance(likelihood, str):
        likelihood = keras_vae.LIKELIHOODS[likelihood]()
    x = np.random.default_rng(2).integers(0, 2, (30, *SHAPE)).astype("float32")
    if name == "log_normal":
        x += 1.0
    vae = model(likelihood, x)
    expected = vae.decode(Z).reshape(len(Z), -1)
    np.testing.assert_allclose(decoder_steps(vae).run(Z), expected, rtol=2e-4, atol=1e-5)


def test_a_likelihood_that_the_page_does_not_know_is_refused_by_name():
    class Own(Bernoulli):
        pass

    x = np.zeros((4, *SHAPE), "float32")
    with pytest.raises(DoesNotApply, match="Own"):
        decoder_steps(model(Own(), x))
    with pytest.raises(DoesNotApply, match="categories"):
        decoder_steps(model(Categorical(3), x))
