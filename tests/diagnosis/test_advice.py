"""Remedies start from the options in use, and never name one of them again."""

import dataclasses
import re

import numpy as np
import pytest
from diagnosis.made_subjects import linear_subject

from keras_vae import Config
from keras_vae.choices import NETWORKS
from keras_vae.diagnosis import Gaussian, advice
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.rules import latents, sigma, training, weighting

# The option of `Config` and how it is written.
OPTION = re.compile(r"--([a-z-]+) ([\w.,]+)")


def named(remedy):
    """(option, value) of everything that a remedy says to choose."""
    return {(name.replace("-", "_"), value.rstrip(".,")) for name, value in OPTION.findall(remedy)}


def collapsed(x):
    return (np.zeros((len(x), 3), "float32"),) * 2


def far(x):
    return np.full((len(x), 3), 9.0, "float32") * x, np.zeros((len(x), 3), "float32")


LINEAR = linear_subject(loss_fn=None, training_draw=None)
CASES = {
    "collapsed by its weight": (latents.collapsed, {"encode": collapsed, "beta": 500.0}),
    "collapsed": (latents.collapsed, {"encode": collapsed, "decode": lambda z: 0 * z}),
    "sigma too large": (sigma.sigma_too_large, {"likelihood": Gaussian(2.0)}),
    "sigma too small": (sigma.sigma_too_small, {"likelihood": Gaussian(0.1)}),
    "blown up": (training.latent_blow_up, {"encode": far}),
    "undertrained": (
        training.undertrained, {"history": {"loss": [9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0]}}
    ),
    "jumps": (training.loss_jumps, {"history": {"loss": [9.0, 5.0, 12.0, 5.0, 4.0, 3.0]}}),
    "diverged": (training.nonfinite_loss, {"history": {"loss": [9.0, np.nan]}}),
    "warming up": (weighting.warmup_unfinished, {"history": {"beta": [0.0, 0.5]}}),
}  # fmt: skip
USED = {
    "learning_rate": 2e-3, "epochs": 80, "beta": 1.0, "warmup": 0.3, "free_nats": 2.0,
    "likelihood": "gaussian", "binarize": "dynamic", "hidden": None, "network": "mlp",
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_no_remedy_names_a_value_that_is_in_use(name):
    """Asked twice: with usual options, and with those that the first answer named."""
    rule, changes = CASES[name]
    options = dict(USED)
    for _ in range(2):
        subject = dataclasses.replace(LINEAR, **{**changes, "options": options})
        remedy = rule(Measurements(subject)).remedy
        used = {(option, f"{value:g}" if isinstance(value, float) else str(value))
                for option, value in options.items()}  # fmt: skip
        assert not named(remedy) & used
        for option, value in named(remedy):
            is_number = isinstance(options.get(option), (int, float))
            options[option] = type(options[option])(float(value)) if is_number else value


def test_a_weight_above_the_threshold_is_not_answered_by_a_weight_of_1_that_is_above_it_too():
    """Where even 1 is more than the first latent is worth."""
    subject = linear_subject(
        likelihood=Gaussian(5.0), encode=collapsed, decode=lambda z: 0 * z, loss_fn=None
    )
    m = Measurements(subject)
    assert m.collapse_threshold[0] < 1
    found = latents.collapsed(m)
    assert "--beta 1" not in found.remedy
    assert "sigma" in found.cause


def test_each_change_goes_its_way():
    assert advice.lower_learning_rate({"learning_rate": 0.02}) == "kvae fit --learning-rate 0.005"
    assert "0.004" in advice.raised_learning_rate({"learning_rate": 2e-3})
    assert advice.raised_learning_rate({"learning_rate": 8e-3}) == ""
    assert advice.longer_training({"epochs": 30}) == "kvae fit --epochs 60"
    for network in NETWORKS:
        wider = advice.wider_network({"network": network})
        hidden = tuple(int(width) for width in wider.removeprefix("kvae fit --hidden ").split(","))
        assert Config(network=network, hidden=hidden).hidden == hidden
    assert advice.wider_network({"hidden": (10, 20)}) == "kvae fit --hidden 20,40"
    assert advice.wider_network({"network": "conv", "hidden": None}) == "kvae fit --hidden 64,128"
    assert advice.longer_warmup({}) == "kvae fit --warmup 0.3"
    assert advice.longer_warmup({"warmup": 0.3}) == "kvae fit --warmup 0.5"
    assert advice.longer_warmup({"warmup": 0.5}) == ""
    assert advice.shorter_warmup({"warmup": 0.9}) == "kvae fit --warmup 0.2"
    assert advice.shorter_warmup({"warmup": 0.2}) == "kvae fit --warmup 0.1"
    assert advice.free_nats({}) == "--free-nats 2"
    assert advice.free_nats({"free_nats": 2.0}) == "--free-nats 4"
    assert advice.unless_in_use({"beta": 1.0}, "beta", 1, "words") == ""
    assert advice.unless_in_use({}, "beta", 1, "words") == "words"


@pytest.mark.parametrize(
    ("options", "advised"),
    [
        ({}, "kvae fit --prior mixture"),
        (
            {"prior": "standard", "objective": "beta-tc"},
            "kvae fit --objective elbo --prior mixture",
        ),
        ({"prior": "mixture"}, "kvae fit --prior flow"),
        ({"prior": "vamp"}, "kvae fit --prior flow"),
        ({"prior": "flow"}, ""),
    ],
)
def test_the_prior_that_is_advised_can_be_more_than_the_one_in_use(options, advised):
    assert advice.learned_prior(options) == advised
    words = advised.replace("--", "").split()[2:]
    Config(**{**options, **dict(zip(words[::2], words[1::2], strict=True))})  # they go together


def test_free_nats_are_advised_with_what_they_go_together_with():
    assert advice.free_nats({}) == "--free-nats 2"
    assert advice.free_nats({"free_nats": 1.0, "objective": "elbo"}) == "--free-nats 2"
    options = {"objective": "iwae", "gradient": "dreg"}
    words = advice.free_nats(options).split()
    given = dict(zip(words[::2], words[1::2], strict=True))
    assert given == {"--objective": "elbo", "--gradient": "plain", "--free-nats": "2"}
    Config(objective="elbo", gradient="plain", free_nats=2.0)  # which go together
