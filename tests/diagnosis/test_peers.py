"""Follow the remedy that is printed: models with the defects of well-known code are trained,
diagnosed, changed by what the first finding says and by nothing else, and trained again."""

import re

import numpy as np
import pytest
from diagnosis.peers import mean_kl_vae, mean_squared_error_vae, tanh_vae

from keras_vae import load_data
from keras_vae.diagnosis import Gaussian, examine, of_keras_model
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.measures import standard_error

EXAMPLES = 800


def images(name):
    """(training, test): real digits in [0, 1], (N, entries)."""
    dataset = load_data(name)
    parts = dataset.train, dataset.validation, dataset.test
    x = np.concatenate([part.x.reshape(len(part.x), -1) for part in parts])
    return x[: -len(x) // 4], x[-len(x) // 4 :]


def look_at(model, train, test, likelihood):
    """(diagnosis, test ELBO of each example): the same examples, draws and protocol each time."""
    subject = of_keras_model(model, train, test, likelihood)
    elbo = Measurements(subject, EXAMPLES).held_out.elbo
    diagnosis = examine(subject, EXAMPLES, cheap=True)
    # what is compared is what the report says
    assert diagnosis.figures["split"] == "test"
    assert diagnosis.figures["elbo"] == pytest.approx(elbo.mean(), rel=1e-5)
    return diagnosis, elbo


def check_that_it_helps(name, before, after):
    """The finding was the first thing said and a cause, is gone, and the test ELBO has risen."""
    (broken, worse), (mended, better) = before, after
    assert broken.findings[0].name == name
    assert broken.findings[0].severity == "error"
    assert broken.findings[0].follows_from is None
    assert name not in mended
    rise = better - worse
    assert rise.mean() > 2 * standard_error(rise)


# A squared error has no sigma: p(x|z) is the Gaussian whose sigma fits the training errors best,
# for each model its own, so that each is judged by the best that can be said with its decoder.
def test_a_squared_error_averaged_over_entries_is_mended_by_the_number_of_entries():
    train, test = images("digits")
    model = mean_squared_error_vae.train(train)
    before = look_at(model, train, test, "gaussian")
    assert before[0]["collapsed"].follows_from == "distortion_averaged"
    remedy = before[0].findings[0].remedy
    (factor,) = re.findall(r"multiply the reconstruction term by (\d+)", remedy)
    assert int(factor) == train.shape[1]
    model = mean_squared_error_vae.train(train, float(factor))
    after = look_at(model, train, test, "gaussian")
    check_that_it_helps("distortion_averaged", before, after)


# Both models are trained with one sigma, and judged with it.
def test_a_tanh_around_data_in_the_unit_interval_is_mended_by_a_sigmoid():
    train, test = images("mnist5k")
    sigma = Gaussian(0.15)
    before = look_at(tanh_vae.train(train, sigma.sigma), train, test, sigma)
    remedy = before[0].findings[0].remedy
    activation = re.search(r"End the decoder in an? (\w+)", remedy)[1]
    after = look_at(tanh_vae.train(train, sigma.sigma, activation), train, test, sigma)
    check_that_it_helps("output_wider_than_data", before, after)
    assert after[0].verdict != "error"


# Binary data and a Bernoulli: nothing is fitted or chosen.
def test_a_kl_averaged_over_latents_is_mended_by_the_number_of_latents():
    train, test = (np.round(x) for x in images("mnist5k"))
    before = look_at(mean_kl_vae.train(train), train, test, "bernoulli_probabilities")
    (factor,) = re.findall(r"multiply the KL term by (\d+)", before[0].findings[0].remedy)
    after = look_at(mean_kl_vae.train(train, float(factor)), train, test, "bernoulli_probabilities")
    check_that_it_helps("rate_averaged", before, after)
    assert after[0].verdict != "error"
