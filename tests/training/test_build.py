import random
import re

import numpy as np
import pytest

from keras_vae import Config, load_data
from keras_vae.data import conditions_of, from_arrays, with_conditions
from keras_vae.errors import ConfigError
from keras_vae.evaluation import independent_log_evidence
from keras_vae.networks.named_inputs import named_inputs
from keras_vae.training.build import build_vae, steps_per_call
from keras_vae.training.families import likelihood_of


@pytest.fixture(scope="module")
def digits():
    return load_data("digits")


@pytest.mark.parametrize("network", ["mlp", "conv"])
@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian", "continuous_bernoulli"])
def test_an_untrained_decoder_starts_at_the_pixel_independent_baseline(digits, network, likelihood):
    binarization = "dynamic" if likelihood == "bernoulli" else "none"
    config = Config(data="digits", network=network, likelihood=likelihood, binarize=binarization)
    vae = build_vae(config, digits)
    baseline = independent_log_evidence(vae.likelihood, digits, "train").mean()
    # At z = 0 the hidden layers, whose biases are 0, put out 0: only the output bias is left.
    at_zero = vae.likelihood.distribution(vae.decoder(np.zeros((1, 2), "float32")))
    start = np.mean(at_zero.log_prob(digits.train.x))
    assert start == pytest.approx(baseline, abs=1e-2 * abs(baseline))


@pytest.mark.parametrize(
    ("levels", "dtype", "divisor"),
    [(256, "uint8", 1), (65536, "uint16", 1), (256, "float32", 255), (65536, "float32", 65535)],
)
def test_the_likelihood_has_as_many_levels_as_the_images(levels, dtype, divisor):
    x = np.random.default_rng(0).integers(0, levels, (40, 6, 5, 3)).astype(dtype) / divisor
    dataset = from_arrays(x.astype(dtype))
    assert likelihood_of(Config(likelihood="discretized_logistic"), dataset).levels == levels


def test_the_levels_of_a_named_data_set_are_known(digits):
    assert likelihood_of(Config(likelihood="discretized_logistic"), digits).levels == 17


def test_steps_of_one_call_divide_an_epoch_evenly_and_stay_small():
    assert steps_per_call(429, 128 * 784 * 4) == 39  # 11 calls of at most 41
    assert steps_per_call(31, 128 * 784 * 4) == 31
    assert steps_per_call(53, 1024 * 784 * 4) == 5
    assert steps_per_call(10, 10**9) == 1
    assert steps_per_call(31, 1000, checkpoint_every=4) == 4
    assert steps_per_call(3, 1000, checkpoint_every=10) == 3


def test_what_the_caller_draws_goes_on_as_if_nothing_had_been_seeded():
    dataset = from_arrays(np.eye(20))
    config = Config(hidden=(4,), binarize="none", seed=3)
    first = build_vae(config, dataset)
    random.seed(1)
    np.random.seed(1)
    drawn = [random.random(), np.random.random()]
    second = build_vae(config, dataset)
    drawn += [random.random(), np.random.random()]
    of_python, of_numpy = random.Random(1), np.random.RandomState(1)
    assert drawn == [f() for _ in range(2) for f in (of_python.random, of_numpy.random)]
    for ours, theirs in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("network", ["mlp", "conv"])
def test_the_networks_see_the_mask_and_the_condition_that_the_data_have(network):
    x = np.random.default_rng(0).integers(0, 2, (40, 4, 4))
    given = {"x": x, "mask": np.ones_like(x), "condition": np.ones((40, 3))}
    config = Config(data="made", network=network, hidden=(4,), binarize="none")
    vae = build_vae(config, from_arrays(given))
    assert vae.condition_shape == (3,)
    assert {name: shape[1:] for name, shape in named_inputs(vae.encoder).items()} == {
        "x": (4, 4), "mask": (4, 4), "condition": (3,),
    }  # fmt: skip
    assert build_vae(config, from_arrays(x)).condition_shape is None


@pytest.mark.parametrize("likelihood", ["negative_binomial", "zero_inflated_negative_binomial"])
def test_the_means_of_counts_sum_to_the_library_size_and_start_at_those_of_the_data(likelihood):
    x = np.random.default_rng(0).poisson(np.arange(1, 8), (60, 7))
    config = Config(likelihood=likelihood, binarize="none", library=True, hidden=(8,))
    dataset = from_arrays(x)
    dataset = with_conditions(dataset, conditions_of(dataset, config))
    vae = build_vae(config, dataset)
    outputs = vae.decoder({"z": np.zeros((48, 2), "float32"), "condition": dataset.train.condition})
    log_mean = outputs["log_mean"] if isinstance(outputs, dict) else outputs
    means = np.exp(log_mean)
    np.testing.assert_allclose(means.sum(axis=1), dataset.train.x.sum(axis=1), rtol=1e-4)
    np.testing.assert_allclose(means.mean(axis=0), dataset.train.x.mean(axis=0), rtol=0.3)


def test_averages_in_which_the_first_weights_would_stay_are_refused_with_what_to_choose():
    digits = load_data("digits")
    steps = 5 * (digits.training_examples // 128)
    with pytest.raises(ConfigError, match=r"^[^\n]*--ema (\S+), or more epochs$") as refused:
        build_vae(Config(data="digits", epochs=5, ema=0.99), digits)
    share, most = 0.99**steps, float(re.search(r"--ema (\S+),", str(refused.value))[1])
    assert f"a share of {share:.0%}" in str(refused.value)
    assert most**steps <= 0.1 < (most + 0.001) ** steps
    vae = build_vae(Config(data="digits", epochs=5, ema=most), digits)
    assert vae.optimizer.use_ema
    assert vae.optimizer.ema_momentum == most
