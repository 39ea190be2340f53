import numpy as np
import pytest
from extensions.heteroscedastic import Heteroscedastic
from scipy import special, stats

from keras_vae import DataError
from keras_vae.data import Dataset, Examples, as_dataset, binarize
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
    values = independent_log_evidence(Bernoulli(), data.as_binarized(binarization), "test")
    np.testing.assert_allclose(values, expected, rtol=1e-5)


def test_the_gaussian_baseline_has_one_mean_an_entry_and_one_sigma():
    data = dataset(np.random.default_rng(1).normal(3.0, 2.0, (100, 4)).astype("float32"))
    mean = data.train.x.mean(0)
    sigma = np.sqrt(np.mean((data.train.x - mean) ** 2))
    likelihood = Gaussian()
    likelihood.x_log_var.assign(5.0 / likelihood.speed)
    before = likelihood.get_weights()
    values = independent_log_evidence(likelihood, data, "validation")
    expected = stats.norm.logpdf(data.validation.x, mean, sigma).sum(axis=1)
    np.testing.assert_allclose(values, expected, rtol=1e-4)
    assert likelihood.get_weights() == before  # the model's own sigma is left alone


def test_the_gaussian_baseline_of_dynamic_data_knows_the_variance_of_the_draws():
    data = dataset(np.random.default_rng(2).random((100, 5, 5)).astype("float32"))
    values = {
        binarization: independent_log_evidence(
            Gaussian(), data.as_binarized(binarization), "test"
        ).mean()
        for binarization in ("dynamic", "static")
    }
    assert values["dynamic"] == pytest.approx(values["static"], abs=1e-4)


class Masked(Bernoulli):
    """A Bernoulli that is told which entries are missing, in NumPy."""

    def fit_without_z(self, x, mask=None):
        count = mask.sum(0)
        return special.logit(((x * mask).sum(0) + 0.5) / (count + 1)).astype("float32")

    def log_prob(self, x, parameters, mask=None):
        p = special.expit(np.asarray(parameters, "float64"))
        return (mask * np.log(np.where(x == 1, p, 1 - p))).sum(axis=-1)


def test_the_baseline_counts_observed_entries_only_and_does_not_look_at_the_condition():
    rng = np.random.default_rng(3)
    x, mask = ((rng.random((100, 4)) < p).astype("float32") for p in ([0.1, 0.4, 0.8, 0.9], 0.6))
    given = {"x": np.where(mask == 1, x, np.nan), "mask": mask}
    data = as_dataset({**given, "condition": x[:, :1]})
    probability = ((x * mask).sum(0) + 0.5) / (mask.sum(0) + 1)
    expected = (mask * stats.bernoulli.logpmf(x.astype(int), probability)).sum(axis=1)
    np.testing.assert_allclose(independent_log_evidence(Masked(), data), expected, rtol=1e-5)
    np.testing.assert_array_equal(
        independent_log_evidence(Bernoulli(), as_dataset({"x": x, "condition": x[:, :1]})),
        independent_log_evidence(Bernoulli(), x),
    )


def test_a_likelihood_whose_fit_knows_no_masks_says_so():
    x = np.random.default_rng(0).standard_normal((40, 4)).astype("float32")
    data = as_dataset({"x": x, "mask": x > -1})
    with pytest.raises(DataError, match=r"Heteroscedastic.fit_without_z takes none"):
        independent_log_evidence(Heteroscedastic(), data)
