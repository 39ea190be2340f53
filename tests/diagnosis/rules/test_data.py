"""Data that contradict the model, by as much as they were made to."""

import dataclasses

import numpy as np
import pytest
from diagnosis.made_subjects import binary_subject, linear_subject, some_gray, value

from keras_vae.diagnosis import ContinuousBernoulli, Gaussian
from keras_vae.diagnosis.finding import ERROR, INFO, WARNING
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.rules import STAGES, data

HEALTHY = {"linear": linear_subject(count=600), "binary": binary_subject(count=4000, weight=1.5)}


def look(rule, subject, **changes):
    return rule(Measurements(dataclasses.replace(subject, **changes), examples=4000))


@pytest.fixture(scope="module", params=HEALTHY)
def healthy(request):
    return Measurements(HEALTHY[request.param], examples=4000)


@pytest.mark.parametrize("rule", STAGES["data"])
def test_data_that_the_model_itself_draws_give_no_finding(rule, healthy):
    assert rule(healthy) is None


@pytest.mark.parametrize("rule", STAGES["data"])
def test_without_test_examples_there_is_nothing_to_compare(rule):
    assert look(rule, HEALTHY["linear"], test=None) is None


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_one_entry_that_is_no_number_is_found_in_either_split(split, bad):
    x = getattr(HEALTHY["linear"], split).copy()
    x[7, 1] = bad
    found = look(data.nonfinite_data, HEALTHY["linear"], **{split: x})
    assert (found.name, found.severity) == ("nonfinite_data", ERROR)
    assert value(found) == 1 / x.size


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("scale", [255, -1])
def test_what_lies_outside_the_support_of_a_likelihood_is_counted(split, scale):
    x = scale * getattr(HEALTHY["binary"], split)
    found = look(data.data_out_of_range, HEALTHY["binary"], **{split: x})
    assert (found.name, found.severity) == ("data_out_of_range", ERROR)
    assert value(found) == pytest.approx(np.mean(x != 0))
    assert "between 0 and 1" in found.cause


def test_the_gray_entries_under_a_bernoulli_are_counted():
    x = some_gray(HEALTHY["binary"].train, 0.3)
    found = look(data.gray_data_under_bernoulli, HEALTHY["binary"], train=x)
    assert (found.name, found.severity) == ("gray_data_under_bernoulli", ERROR)
    assert value(found) == np.mean(x == 0.5)
    density = {"train": x, "likelihood": ContinuousBernoulli(logits=True)}
    assert look(data.gray_data_under_bernoulli, HEALTHY["binary"], **density) is None


@pytest.mark.parametrize("likelihood", [Gaussian(0.1), ContinuousBernoulli(logits=True)])
def test_binary_data_under_a_density_are_a_warning(likelihood):
    found = look(data.binary_data_under_density, HEALTHY["binary"], likelihood=likelihood)
    assert (found.name, found.severity) == ("binary_data_under_density", WARNING)
    assert value(found) == 2
    x = some_gray(HEALTHY["binary"].train, 0.3)
    changes = {"likelihood": likelihood, "train": x}
    assert look(data.binary_data_under_density, HEALTHY["binary"], **changes) is None


def test_a_value_that_is_rare_is_a_value_and_one_value_alone_is_not_binary():
    subject, x = HEALTHY["binary"], HEALTHY["binary"].train.copy()
    x[-1, 0] = 2  # a count, in the last of 4000 examples
    changes = {"likelihood": Gaussian(1.0), "train": x}
    assert look(data.binary_data_under_density, subject, **changes) is None
    changes["train"] = np.zeros_like(x)
    assert look(data.binary_data_under_density, subject, **changes) is None


def test_real_numbers_lie_on_no_lattice_however_few_they_are():
    few = HEALTHY["linear"].train[:16]
    assert len(np.unique(few)) < 256
    assert look(data.lattice_data_under_density, HEALTHY["linear"], train=few) is None
    # nor do those of which most are 0
    sparse = np.where(np.arange(few.size).reshape(few.shape) % 5 == 0, few, 0)
    assert look(data.lattice_data_under_density, HEALTHY["linear"], train=sparse) is None


def test_counts_and_grades_are_no_levels():
    counts = np.random.default_rng(0).poisson(3, HEALTHY["linear"].train.shape).astype("float32")
    assert look(data.lattice_data_under_density, HEALTHY["linear"], train=counts) is None
    levels = look(data.lattice_data_under_density, HEALTHY["linear"], train=counts / 255)
    assert levels.severity in (ERROR, INFO)


def lattice_subject(sigma, span=1.0, shifted=0):
    """20 copies of one image of 256 levels, some a level brighter, and a decoder that knows the
    image: without the latter the ELBO per entry is -1/2 log(2 pi sigma^2)."""
    levels = np.tile(np.arange(256), (20, 1))
    image = levels[:1] / 255 * span
    levels[:shifted] = np.minimum(levels[:shifted] + 1, 255)
    x = (levels / 255 * span).astype("float32")
    return dataclasses.replace(
        HEALTHY["linear"],
        encode=lambda x: (np.zeros((len(x), 1), "float32"),) * 2,
        decode=lambda z: np.tile(image, (len(z), 1)),
        likelihood=Gaussian(sigma),
        train=x,
        test=x,
    )


@pytest.mark.parametrize("span", [1.0, 255.0])
@pytest.mark.parametrize(("sigma", "severity"), [(1e-3, ERROR), (5e-3, INFO)])
def test_a_density_on_a_lattice_is_wrong_above_what_256_levels_allow(sigma, severity, span):
    found = look(data.lattice_data_under_density, lattice_subject(span * sigma, span))
    assert (found.name, found.severity) == ("lattice_data_under_density", severity)
    if severity == INFO:
        assert value(found) == 256
        return
    assert value(found) == pytest.approx(-0.5 * np.log(2 * np.pi * (span * sigma) ** 2))
    # p(cell) <= 1 for cells as wide as a level
    assert found.evidence[0].threshold == pytest.approx(np.log(256 / span), abs=0.01)


def test_an_elbo_whose_error_covers_the_ceiling_is_no_proof_that_it_is_above():
    # 0.35 nats above it, less 1 / 2 (255 sigma)^2 = 6.4 nats in one example of 20
    found = look(data.lattice_data_under_density, lattice_subject(1.1e-3, shifted=1))
    assert found.severity == INFO
    assert look(data.lattice_data_under_density, lattice_subject(1.1e-3)).severity == ERROR


def test_binary_data_and_continuous_data_lie_on_no_lattice_of_levels():
    binary = HEALTHY["binary"]
    assert look(data.lattice_data_under_density, binary, likelihood=Gaussian(1.0)) is None
    levels = np.rint(10 * HEALTHY["linear"].train)
    assert look(data.lattice_data_under_density, HEALTHY["linear"], train=levels).severity == INFO
    assert look(data.lattice_data_under_density, binary, train=some_gray(binary.train, 0.3)) is None
