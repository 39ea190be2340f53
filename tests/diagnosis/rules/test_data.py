"""Data that contradict the model, by as much as they were made to."""

import dataclasses

import numpy as np
import pytest
from diagnosis.made_subjects import binary_subject, linear_subject, value

from keras_vae.diagnosis import ContinuousBernoulli, Gaussian
from keras_vae.diagnosis.finding import ERROR, INFO, UNDETERMINED, WARNING
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.rules import STAGES, data
from keras_vae.measures import ClusterShares

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


def some_gray(x, fraction, level=0.5):
    """x with that fraction of its entries gray, without a change of the mean."""
    rng = np.random.default_rng(5)
    return np.where(rng.random(x.shape) < fraction, np.float32(level), x)


def test_the_gray_entries_under_a_bernoulli_are_counted():
    x = some_gray(HEALTHY["binary"].train, 0.3)
    found = look(data.gray_data_under_bernoulli, HEALTHY["binary"], train=x)
    assert (found.name, found.severity) == ("gray_data_under_bernoulli", ERROR)
    assert value(found) == np.mean(x == 0.5)
    density = {"train": x, "likelihood": ContinuousBernoulli()}
    assert look(data.gray_data_under_bernoulli, HEALTHY["binary"], **density) is None


@pytest.mark.parametrize("likelihood", [Gaussian(0.1), ContinuousBernoulli()])
def test_binary_data_under_a_density_are_a_warning(likelihood):
    found = look(data.binary_data_under_density, HEALTHY["binary"], likelihood=likelihood)
    assert (found.name, found.severity) == ("binary_data_under_density", WARNING)
    assert value(found) == 2
    x = some_gray(HEALTHY["binary"].train, 0.3)
    changes = {"likelihood": likelihood, "train": x}
    assert look(data.binary_data_under_density, HEALTHY["binary"], **changes) is None


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


def with_copies(subject, copies):
    """Test examples of which the first are training examples."""
    test = subject.test.copy()
    test[:copies] = subject.train[:copies]
    return test


def test_copies_of_training_examples_in_the_test_data_are_counted():
    subject = HEALTHY["linear"]
    found = look(data.duplicates_across_splits, subject, test=with_copies(subject, 30))
    assert (found.name, found.severity) == ("duplicates_across_splits", ERROR)
    assert value(found) == 30 / 300
    # binomial
    assert found.evidence[0].standard_error == pytest.approx(np.sqrt(0.1 * 0.9 / 300))


def test_one_copy_among_few_test_examples_settles_nothing():
    subject = HEALTHY["linear"]
    found = look(data.duplicates_across_splits, subject, test=with_copies(subject, 1)[:20])
    assert found.severity == UNDETERMINED
    assert "more test examples" in found.remedy


def test_data_that_repeat_themselves_are_no_leak():
    x = np.random.default_rng(0).integers(0, 2, (600, 4)).astype("float32")
    assert look(data.duplicates_across_splits, HEALTHY["linear"], train=x, test=x[:200]) is None


def test_copies_are_looked_for_in_what_is_stored_not_in_draws_of_it():
    subject = HEALTHY["linear"]
    leaked = subject.train, with_copies(subject, 30)
    assert value(look(data.duplicates_across_splits, subject, stored=leaked)) == 30 / 300
    clean = subject.train, subject.test
    changes = {"stored": clean, "test": leaked[1]}
    assert look(data.duplicates_across_splits, subject, **changes) is None


def test_a_shift_of_the_test_examples_is_measured_in_standard_deviations():
    x = HEALTHY["linear"].train
    found = look(data.splits_scaled_differently, HEALTHY["linear"], test=x + x.std())
    assert (found.name, found.severity) == ("splits_scaled_differently", ERROR)
    # less what the sizes let expect, which here is no shift at all
    expected = np.sqrt(1 - 2 * np.mean(x.var(axis=0)) / len(x) / x.var())
    assert value(found) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("factor", [0.5, 2.0, 255.0])
def test_a_scale_of_the_test_examples_is_measured_as_a_factor(factor):
    x = HEALTHY["linear"].train - HEALTHY["linear"].train.mean(axis=0)
    found = look(data.splits_scaled_differently, HEALTHY["linear"], train=x, test=factor * x)
    assert (found.name, found.severity) == ("splits_scaled_differently", ERROR)
    assert value(found) == pytest.approx(abs(np.log(factor)), rel=1e-4)


def flipped(count, flips, layout, seed):
    """Two fair coins, each in 30 entries, which are flipped one by one with probability `flips`:
    in blocks (`repeat`) or in turn (`tile`)."""
    rng = np.random.default_rng(seed)
    coins = rng.integers(0, 2, (count, 2))
    x = np.repeat(coins, 30, axis=1) if layout == "repeat" else np.tile(coins, 30)
    return (x ^ (rng.random(x.shape) < flips)).astype("float32")


def of_layout(layout, train_flips, test_flips, count=2000):
    return {
        "train": flipped(count, train_flips, layout, 1),
        "test": flipped(count, test_flips, layout, 2),
    }


def test_a_rougher_binarisation_of_the_test_examples_is_measured():
    changes = of_layout("repeat", 0.05, 0.2)
    found = look(data.splits_binarized_differently, HEALTHY["binary"], **changes)
    assert (found.name, found.severity) == ("splits_binarized_differently", ERROR)
    assert "roughness" in found.evidence[0].measure
    # neighbours differ with 2 f (1 - f) in a block, 1/2 at the one border
    rough = [58 * 2 * f * (1 - f) + 0.5 for f in (0.05, 0.2)]
    error = found.evidence[0].standard_error
    assert value(found) == pytest.approx(np.log(rough[1] / rough[0]), abs=4 * error)
    assert 0 < error < 0.02


def test_a_binarisation_as_rough_but_with_more_noise_is_measured_too():
    # neighbours are of different coins: whatever is flipped, half of them differ
    changes = of_layout("tile", 0.05, 0.2)
    found = look(data.splits_binarized_differently, HEALTHY["binary"], **changes)
    assert (found.name, found.severity) == ("splits_binarized_differently", ERROR)
    assert "main directions" in found.evidence[0].measure
    # outside the directions of the coins an entry has variance f (1 - f)
    expected = np.log(0.2 * 0.8 / (0.05 * 0.95))
    assert value(found) == pytest.approx(expected, abs=4 * found.evidence[0].standard_error)


def test_few_test_examples_leave_the_binarisation_undetermined():
    changes = of_layout("repeat", 0.05, 0.05, count=60)
    found = look(data.splits_binarized_differently, HEALTHY["binary"], **changes)
    assert found.severity == UNDETERMINED
    assert "more test examples" in found.remedy


@pytest.mark.parametrize("fraction", [0.1, 0.3])
def test_gray_test_examples_beside_binary_training_examples_are_found(fraction):
    gray = some_gray(HEALTHY["binary"].test, fraction)
    found = look(data.splits_binarized_differently, HEALTHY["binary"], test=gray)
    assert (found.name, found.severity) == ("splits_binarized_differently", ERROR)
    assert value(found) == np.mean(gray == 0.5)


def test_gray_data_of_one_protocol_are_not_asked_how_rough_they_are():
    changes = {name: some_gray(x, 0.3) for name, x in of_layout("repeat", 0.05, 0.1).items()}
    assert look(data.splits_binarized_differently, HEALTHY["binary"], **changes) is None


def test_splits_of_another_scale_are_not_called_binarised_differently():
    gray = HEALTHY["binary"].test * np.float32(0.5)
    assert look(data.splits_scaled_differently, HEALTHY["binary"], test=gray).severity == ERROR
    assert look(data.splits_binarized_differently, HEALTHY["binary"], test=gray) is None


def corners(*counts):
    """As many examples of each corner of a square."""
    return np.repeat([[0, 0], [0, 1], [1, 0], [1, 1]], counts, axis=0).astype("float32")


def test_a_kind_of_example_that_training_lacks_is_measured_by_its_share():
    changes = {"train": corners(160, 120, 120, 0), "test": corners(50, 50, 50, 50)}
    found = look(data.splits_differ, HEALTHY["linear"], **changes)
    assert (found.name, found.severity) == ("splits_differ", WARNING)
    p_value, excess = (evidence.value for evidence in found.evidence)
    assert p_value < 1e-6
    assert excess == pytest.approx(0.25)


@pytest.mark.parametrize("shares", [(1e-9, 0.001), (0.3, 0.1)])
def test_a_difference_that_is_small_or_may_be_chance_is_none(shares):
    measurements = Measurements(HEALTHY["linear"])
    measurements.split_bins = ClusterShares(*shares, bins=20)
    assert data.splits_differ(measurements) is None
