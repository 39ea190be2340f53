"""Small models and what their answers are held against: sums over a fine grid, in NumPy."""

from types import SimpleNamespace

import keras
import made_trainings
import numpy as np
import pytest
from made_models import constant_encoder
from reference import bernoulli_log_prob, normal_log_density

import keras_vae
from keras_vae.data import from_arrays
from keras_vae.explanations import companions
from keras_vae.explanations.material import Material
from keras_vae.networks import mlp_decoder, mlp_encoder


@pytest.fixture(scope="session", autouse=True)
def short_trainings():
    """What is trained for comparison takes a second or two."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(companions, "STEPS", 60)
        patch.setattr(companions, "LOOKED_AT", 4)
        patch.setattr(companions, "LEARNING_RATE", 1e-2)
        yield


@pytest.fixture(scope="session")
def dataset():
    """240 examples of 8 binary entries, of four classes that two hidden causes make."""
    rng = np.random.default_rng(0)
    causes = rng.integers(0, 2, (240, 2))
    x = (np.repeat(causes, 4, axis=1) ^ (rng.random((240, 8)) < 0.05)).astype("float32")
    return from_arrays(x, 2 * causes[:, 0] + causes[:, 1], name="causes")


@pytest.fixture(scope="session")
def make_vae(dataset):
    """Makes a VAE of 2 latents, or others, and trains it for some epochs."""

    def make(epochs=60, beta=1.0, latents=2, seed=0):
        keras.utils.set_random_seed(seed)
        encoder, decoder = mlp_encoder((8,), latents, (16,)), mlp_decoder((8,), latents, (16,))
        vae = keras_vae.VAE(encoder, decoder, beta=beta, seed=seed)
        vae.compile(keras.optimizers.Adam(1e-2), jit_compile=False)
        if epochs:
            made_trainings.train(vae, dataset.train.x, epochs, batch_size=32)
        return vae

    return make


@pytest.fixture(scope="session")
def healthy(make_vae):
    """A VAE whose two latents say much about x; read only."""
    return make_vae()


@pytest.fixture(scope="session")
def collapsed():
    """A VAE whose q(z|x) is the prior for every x, and whose decoder ignores z; read only."""
    decoder = mlp_decoder((8,), 2, (4,))
    for layer in decoder.layers:
        layer.set_weights([np.zeros_like(weight) for weight in layer.get_weights()])
    encoder = constant_encoder([0.0, 0.0], [0.0, 0.0], event_shape=(8,))
    return keras_vae.VAE(encoder, decoder, seed=0)


@pytest.fixture(scope="session")
def five_latents(make_vae):
    """A VAE with more latents than quadrature can take; read only."""
    return make_vae(epochs=10, latents=5)


@pytest.fixture(scope="session")
def material_of(dataset):
    def of(vae, **options):
        return Material(vae, options.pop("data", dataset), float(vae.beta), **options)

    return of


@pytest.fixture(scope="session")
def material(healthy, material_of):
    return material_of(healthy)


@pytest.fixture(scope="session")
def sharing(material):
    """Gives a material the companions of `material`, which see the same examples: tracing the steps
    of others would take most of the time of the tests."""

    def share(other):
        other.__dict__["companions"] = material.companions
        return other

    return share


@pytest.fixture(scope="session")
def of_collapsed(collapsed, material_of, sharing):
    return sharing(material_of(collapsed))


@pytest.fixture(scope="session")
def of_five_latents(five_latents, material_of):
    return material_of(five_latents)


@pytest.fixture(scope="session")
def unlabelled(dataset, healthy, material_of, sharing):
    """The healthy model with data that have no labels, given as an array."""
    return sharing(material_of(healthy, data=keras_vae.data.as_dataset(dataset.test.x)))


@pytest.fixture(scope="session")
def grid(healthy, material):
    """Sums over the latent plane for the first example, float64: log p(x), E_q[log p(x|z)]."""
    step = 0.02
    line = np.arange(-8, 8, step)
    z = np.stack(np.meshgrid(line, line, indexing="ij"), -1).reshape(-1, 2)
    logits = np.asarray(healthy.decoder.predict(z.astype("float32"), batch_size=65536, verbose=0))
    log_likelihood = bernoulli_log_prob(material.one[0], logits).sum(axis=1)
    log_joint = log_likelihood + normal_log_density(z, 0, 0).sum(axis=1)
    z_mean, z_log_var = healthy.encode(material.one)
    log_q = normal_log_density(z, z_mean[0], z_log_var[0]).sum(axis=1)
    log_area = 2 * np.log(step)
    log_evidence = np.logaddexp.reduce(log_joint) + log_area
    q = np.exp(log_q + log_area)
    return SimpleNamespace(
        log_evidence=log_evidence,
        expected_log_likelihood=q @ log_likelihood,
        rate=q @ (log_q - normal_log_density(z, 0, 0).sum(axis=1)),
        gap=q @ (log_q - log_joint + log_evidence),
    )
