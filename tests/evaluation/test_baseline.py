import numpy as np
import pytest
from scipy import stats

from keras_vae.data import Dataset, Examples, binarize
from keras_vae.distributions import Bernoulli, Gaussian
from keras_vae.evaluation import independent_log_evidence


def dataset(x):
    return Dataset("made", Examples(x[:60]), Examples(x[60:80]), Examples(x[80:]))


@pytest.mark.parametrize("binarization", ["dynamic", "static", "threshold"])
def test_the_bernoulli_baseline_is_the_product_of_independent_pixels(binarization):
    data = dataset(np.random.default_rng(0).random((100, 3, 2)).astype("float32"))
    train = (
        data.train.x if binarization == "dynamic" else binarize(data.train.x, binarization, "train")
    )
    probability = (train.sum(0, dtype="float64") + 0.5) / 61
    x = binarize(data.test.x, binarization, "test")
    expected = stats.bernoulli.logpmf(x.astype(int), probability).sum(axis=(1, 2))
    values = independent_log_evidence(Bernoulli(), data, binarization, "test")
    np.testing.assert_allclose(values, expected, rtol=1e-5)


def test_the_gaussian_baseline_has_one_mean_an_entry_and_one_sigma():
    data = dataset(np.random.default_rng(1).normal(3.0, 2.0, (100, 4)).astype("float32"))
    mean = data.train.x.mean(0)
    sigma = np.sqrt(np.mean((data.train.x - mean) ** 2))
    likelihood = Gaussian()
    likelihood.x_log_var.assign(5.0)
    before = likelihood.get_weights()
    values = independent_log_evidence(likelihood, data, "none", "validation")
    expected = stats.norm.logpdf(data.validation.x, mean, sigma).sum(axis=1)
    np.testing.assert_allclose(values, expected, rtol=1e-4)
    assert likelihood.get_weights() == before  # the model's own sigma is left alone


def test_the_gaussian_baseline_of_dynamic_data_knows_the_variance_of_the_draws():
    data = dataset(np.random.default_rng(2).random((100, 5, 5)).astype("float32"))
    values = {
        binarization: independent_log_evidence(Gaussian(), data, binarization, "test").mean()
        for binarization in ("dynamic", "static")
    }
    assert values["dynamic"] == pytest.approx(values["static"], abs=1e-4)
