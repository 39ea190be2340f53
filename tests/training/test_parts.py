import numpy as np
import pytest

from keras_vae import Config, ConfigError
from keras_vae.data import as_dataset, decided
from keras_vae.distributions import Bernoulli, Gaussian
from keras_vae.objectives import BetaTC, Elbo, Iwae
from keras_vae.training.parts import objective_of, posterior_of, prior_of


@pytest.fixture
def dataset():
    x = np.random.default_rng(0).normal(size=(40, 3)).astype("float32") * [1, 10, 0] + [0, 5, 2]
    return as_dataset(x.astype("float32"))


def test_each_name_makes_its_part(dataset):
    for prior in ("standard", "mixture", "vamp", "flow"):
        found = prior_of(Config(prior=prior), dataset, Gaussian())
        assert type(found).__name__.lower().startswith(prior)
    for posterior in ("diagonal", "full"):
        assert (
            type(posterior_of(Config(posterior=posterior))).__name__.lower().startswith(posterior)
        )
    assert posterior_of(Config(posterior="iaf")).heads(3)["z_context"] == 64
    elbo = objective_of(decided(Config(free_nats=0.5), dataset), 40)
    assert (type(elbo), elbo.free_nats, elbo.samples) == (Elbo, 0.5, 1)
    iwae = objective_of(decided(Config(objective="iwae", gradient="dreg"), dataset), 40)
    assert (type(iwae), iwae.samples, iwae.gradient) == (Iwae, 50, "dreg")
    beta_tc = objective_of(Config(objective="beta-tc"), 40)
    assert (type(beta_tc), beta_tc.examples) == (BetaTC, 40)


def test_pseudo_inputs_have_the_range_of_each_entry(dataset):
    prior = prior_of(Config(prior="vamp", components=4), dataset, Gaussian())
    np.testing.assert_array_equal(prior.low, dataset.train.x.min(axis=0))
    np.testing.assert_array_equal(prior.high, dataset.train.x.max(axis=0))
    assert prior.components == 4
    binary = prior_of(Config(prior="vamp"), dataset, Bernoulli())
    assert (binary.low, binary.high, binary.components) == (0, 1, 500)


def test_pseudo_inputs_of_gaps_are_refused():
    x = np.ones((40, 3), "float32")
    gaps = as_dataset({"x": x, "mask": np.tile(np.float32([1, 1, 0]), (40, 1))})
    with pytest.raises(ConfigError, match="cannot be learned; choose --prior mixture or flow"):
        prior_of(Config(prior="vamp"), gaps, Gaussian())
