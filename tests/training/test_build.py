import numpy as np
import pytest

from keras_vae import Config, load_data
from keras_vae.evaluation import independent_log_evidence
from keras_vae.training.build import build_vae, steps_per_call


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


def test_steps_of_one_call_divide_an_epoch_evenly_and_stay_small():
    assert steps_per_call(429, 128 * 784 * 4) == 39  # 11 calls of at most 41
    assert steps_per_call(31, 128 * 784 * 4) == 31
    assert steps_per_call(53, 1024 * 784 * 4) == 5
    assert steps_per_call(10, 10**9) == 1
    assert steps_per_call(31, 1000, checkpoint_every=4) == 4
    assert steps_per_call(3, 1000, checkpoint_every=10) == 3
