"""The recipes of CONTRIBUTING lead where they say; other tests hold what exists to them."""

import re
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow_probability as tfp
from keras import layers

import keras_vae as kv
from keras_vae.diagnosis.rules import STAGES
from keras_vae.distributions import Likelihood
from keras_vae.networks import DECODERS, ENCODERS
from keras_vae.networks.ends import likelihood_parameters, posterior_heads

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text()
SMALL = {"data": "digits", "epochs": 2, "hidden": (8,)}

sys.path.append(str(ROOT / "benchmarks"))
import zoo  # noqa: E402


@keras.saving.register_keras_serializable(package="recipe")
class Laplace(Likelihood):
    """p(x_i|z) = Laplace(decoder output, 0.1)."""

    def _entries(self, parameters):
        return tfp.distributions.Laplace(parameters, 0.1)

    def fit_without_z(self, x):
        return np.median(x, axis=0)


def linear_encoder(event_shape, latent_dim, hidden=()):
    x = keras.Input(event_shape)
    return keras.Model(x, posterior_heads(layers.Flatten()(x), latent_dim))


def linear_decoder(event_shape, latent_dim, hidden=(), output_bias=None):
    z = keras.Input((latent_dim,))

    def project(shape):
        return layers.Dense(int(np.prod(shape)))(z)

    return keras.Model(z, likelihood_parameters(project, event_shape, output_bias))


def offer(monkeypatch, table, name):
    """Adds a name to one of the tuples of `config`, wherever it was imported."""
    for module in list(sys.modules.values()):
        names = getattr(module, table, None)
        if module.__name__.startswith("keras_vae") and isinstance(names, tuple):
            monkeypatch.setattr(module, table, (*names, name))


@pytest.mark.slow
def test_a_likelihood_of_the_recipe_goes_through_kvae_fit_to_its_end(monkeypatch, tmp_path):
    offer(monkeypatch, "LIKELIHOODS", "laplace")
    monkeypatch.setitem(kv.LIKELIHOODS, "laplace", Laplace)
    run = kv.fit(kv.Config(**SMALL, likelihood="laplace"), tmp_path, "run")
    assert isinstance(run.vae.likelihood, Laplace)
    # log p(x) of a Laplace distribution around the median of each pixel of the training data
    data = run.load_data()
    errors = np.abs(data.test.x - np.median(data.train.x, axis=0)).reshape(len(data.test), -1)
    expected = np.mean(np.sum(-errors / 0.1 - np.log(0.2), axis=1))
    assert run.metrics["baseline"] == pytest.approx(expected, rel=1e-5)
    assert np.isfinite(run.metrics["elbo"])
    assert kv.load_run(run.path).metrics == run.metrics
    assert "worse_than_without_z" in kv.runs.diagnose_run(run, cheap=True).checked


@pytest.mark.slow
def test_a_network_of_the_recipe_goes_through_kvae_fit_to_its_end(monkeypatch, tmp_path, bare_fit):
    offer(monkeypatch, "NETWORKS", "linear")
    monkeypatch.setitem(ENCODERS, "linear", linear_encoder)
    monkeypatch.setitem(DECODERS, "linear", linear_decoder)
    run = kv.fit(kv.Config(**SMALL, network="linear"), tmp_path, "run")
    assert len(run.vae.decoder.trainable_variables) == 3  # kernel, bias and the output's
    assert run.metrics["elbo"] > run.metrics["baseline"] - 1
    assert kv.load_run(run.path).metrics == run.metrics


def test_every_finding_has_an_injector():
    rules = {rule.__name__ for stage in STAGES.values() for rule in stage}
    injected = {name for injector in zoo.INJECTORS.values() for name in injector.expected}
    accepted = {name for injector in zoo.INJECTORS.values() for name in injector.accepted}
    assert injected <= rules
    # found beside other findings, or made by the models of other loops (benchmarks/foreign.py)
    assert rules - injected - accepted == BESIDE


BESIDE = {
    "binary_data_under_density",
    "encoder_too_narrow",
    "worse_than_without_z",
}


def test_an_addition_touches_as_many_files_as_it_says():
    assert "takes **one file**, and no change in the package" in TEXT
    kinds = re.findall(r"^\| (\w+) \| .*`", TEXT, re.M)
    assert {"likelihood", "prior", "posterior", "objective", "network"} <= set(kinds)
    extensions = list((ROOT / "tests" / "extensions").glob("*.py"))
    assert len(extensions) == 5
    for path in extensions:  # nothing of the tests, and no other file
        modules = re.findall(r"^(?:from|import) ([\w.]+)", path.read_text(), re.M)
        assert {name.split(".")[0] for name in modules} <= {
            "keras", "keras_vae", "numpy", "tensorflow", "tensorflow_probability",
        }  # fmt: skip
