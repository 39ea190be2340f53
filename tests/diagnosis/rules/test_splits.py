"""Splits that differ, by as much as they were made to, and splits that chance has made."""

import dataclasses

import numpy as np
import pytest
from diagnosis.made_subjects import binary_subject, linear_subject, some_gray, value
from diagnosis.made_tables import table_subject

from keras_vae.diagnosis.finding import CHANCE, ERROR, UNDETERMINED, WARNING
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.rules import splits
from keras_vae.measures import ClusterShares

HEALTHY = {"linear": linear_subject(count=600), "binary": binary_subject(count=4000, weight=1.5)}


def look(rule, subject, **changes):
    return rule(Measurements(dataclasses.replace(subject, **changes), examples=4000))


def with_copies(subject, copies):
    """Test examples of which the first are training examples."""
    test = subject.test.copy()
    test[:copies] = subject.train[:copies]
    return test


def test_copies_of_training_examples_in_the_test_data_are_counted():
    subject = HEALTHY["linear"]
    found = look(splits.duplicates_across_splits, subject, test=with_copies(subject, 30))
    assert (found.name, found.severity) == ("duplicates_across_splits", ERROR)
    assert value(found) == 30 / 300
    # binomial
    assert found.evidence[0].standard_error == pytest.approx(np.sqrt(0.1 * 0.9 / 300))


def test_one_copy_among_few_test_examples_settles_nothing():
    subject = HEALTHY["linear"]
    found = look(splits.duplicates_across_splits, subject, test=with_copies(subject, 1)[:20])
    assert found.severity == UNDETERMINED
    assert "more test examples" in found.remedy


def test_data_that_repeat_themselves_are_no_leak():
    x = np.random.default_rng(0).integers(0, 2, (600, 4)).astype("float32")
    assert look(splits.duplicates_across_splits, HEALTHY["linear"], train=x, test=x[:200]) is None


def test_copies_are_looked_for_in_what_is_stored_not_in_draws_of_it():
    subject = HEALTHY["linear"]
    leaked = subject.train, with_copies(subject, 30)
    assert value(look(splits.duplicates_across_splits, subject, stored=leaked)) == 30 / 300
    clean = subject.train, subject.test
    changes = {"stored": clean, "test": leaked[1]}
    assert look(splits.duplicates_across_splits, subject, **changes) is None


def test_near_copies_are_found_and_gaps_hide_none():
    subject = HEALTHY["linear"]
    test = subject.test.copy()
    test[:60] = np.round(subject.train[:60], 3)
    found = look(splits.duplicates_across_splits, subject, test=test)
    assert (found.name, found.severity) == ("duplicates_across_splits", ERROR)
    assert "ten times nearer" in found.evidence[0].measure
    assert value(found) > 0.05
    masks = [(np.arange(x.size) % 7 > 0).reshape(x.shape) for x in (subject.train, test)]
    masks[1][:60] = masks[0][:60]
    masked = {
        name: {"x": x * mask, "mask": mask.astype("float32")}
        for name, x, mask in zip(("train", "test"), (subject.train, test), masks, strict=True)
    }
    found = look(splits.duplicates_across_splits, subject, **masked)
    assert (found.name, found.severity) == ("duplicates_across_splits", ERROR)


def windows_of_a_series(count):
    """Windows of 24 steps, one every 4, of a random walk."""
    walk = np.cumsum(np.random.default_rng(0).standard_normal(4 * count + 20)).astype("float32")
    return np.lib.stride_tricks.sliding_window_view(walk, 24)[::4]


def test_windows_that_were_cut_before_a_random_split_are_found_and_those_cut_after_it_are_not():
    x = windows_of_a_series(400)
    order = np.random.default_rng(1).permutation(len(x))
    changes = {"train": x[order[100:]], "test": x[order[:100]]}
    found = look(splits.duplicates_across_splits, HEALTHY["linear"], **changes)
    assert (found.name, found.severity) == ("duplicates_across_splits", ERROR)
    assert "windows" in found.evidence[0].measure
    assert value(found) > 0.9
    after = {"train": x[:300], "test": x[306:]}
    assert look(splits.duplicates_across_splits, HEALTHY["linear"], **after) is None
    # of images what is alike lies in the picture, not in the split
    images = {name: part.reshape(-1, 6, 4) for name, part in changes.items()}
    assert look(splits.duplicates_across_splits, HEALTHY["linear"], **images) is None


def test_a_shift_of_the_test_examples_is_measured_in_standard_deviations():
    x = HEALTHY["linear"].train
    found = look(splits.splits_scaled_differently, HEALTHY["linear"], test=x + x.std())
    assert (found.name, found.severity) == ("splits_scaled_differently", ERROR)
    # less what the sizes let expect, which here is no shift at all
    expected = np.sqrt(1 - 2 * np.mean(x.var(axis=0)) / len(x) / x.var())
    assert value(found) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("factor", [0.5, 2.0, 255.0])
def test_a_scale_of_the_test_examples_is_measured_as_a_factor(factor):
    x = HEALTHY["linear"].train - HEALTHY["linear"].train.mean(axis=0)
    found = look(splits.splits_scaled_differently, HEALTHY["linear"], train=x, test=factor * x)
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
    found = look(splits.splits_binarized_differently, HEALTHY["binary"], **changes)
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
    found = look(splits.splits_binarized_differently, HEALTHY["binary"], **changes)
    assert (found.name, found.severity) == ("splits_binarized_differently", ERROR)
    assert "main directions" in found.evidence[0].measure
    # outside the directions of the coins an entry has variance f (1 - f)
    expected = np.log(0.2 * 0.8 / (0.05 * 0.95))
    assert value(found) == pytest.approx(expected, abs=4 * found.evidence[0].standard_error)


def test_few_test_examples_leave_the_binarisation_undetermined():
    changes = of_layout("repeat", 0.05, 0.05, count=60)
    found = look(splits.splits_binarized_differently, HEALTHY["binary"], **changes)
    assert found.severity == UNDETERMINED
    assert "more test examples" in found.remedy


@pytest.mark.parametrize("fraction", [0.1, 0.3])
def test_gray_test_examples_beside_binary_training_examples_are_found(fraction):
    gray = some_gray(HEALTHY["binary"].test, fraction)
    found = look(splits.splits_binarized_differently, HEALTHY["binary"], test=gray)
    assert (found.name, found.severity) == ("splits_binarized_differently", ERROR)
    assert value(found) == pytest.approx(np.mean(gray == 0.5))


def test_gray_data_of_one_protocol_are_not_asked_how_rough_they_are():
    changes = {name: some_gray(x, 0.3) for name, x in of_layout("repeat", 0.05, 0.1).items()}
    assert look(splits.splits_binarized_differently, HEALTHY["binary"], **changes) is None


def test_splits_of_another_scale_are_not_called_binarised_differently():
    gray = HEALTHY["binary"].test * np.float32(0.5)
    assert look(splits.splits_scaled_differently, HEALTHY["binary"], test=gray).severity == ERROR
    assert look(splits.splits_binarized_differently, HEALTHY["binary"], test=gray) is None


def corners(*counts):
    """As many examples of each corner of a square."""
    return np.repeat([[0, 0], [0, 1], [1, 0], [1, 1]], counts, axis=0).astype("float32")


def test_a_kind_of_example_that_training_lacks_is_measured_by_its_share():
    changes = {"train": corners(160, 120, 120, 0), "test": corners(50, 50, 50, 50)}
    found = look(splits.splits_differ, HEALTHY["linear"], **changes)
    assert (found.name, found.severity) == ("splits_differ", WARNING)
    p_value, excess = (evidence.value for evidence in found.evidence)
    assert p_value < 1e-4
    assert excess == pytest.approx(0.25)


@pytest.mark.parametrize("shares", [(1e-5, 0.001), (0.3, 0.1)])
def test_a_difference_that_is_small_or_may_be_chance_is_none(shares):
    measurements = Measurements(HEALTHY["linear"])
    measurements.split_bins = ClusterShares(*shares, 1e-4, bins=20)
    assert splits.splits_differ(measurements) is None


# ---- chance ------------------------------------------------------------------------------

RULES = [getattr(splits, name) for name in splits.__all__]


def dealt(x, test):
    """The two splits of examples that stand in no order."""
    return {"train": x[test:], "test": x[:test]}


def heavy(rng, rows):
    return rng.standard_t(1.5, (rows, 10))


def few_kinds(rng, rows):
    return rng.random((rows, 6)) < 0.2


def rare(rng, rows):
    return rng.random((rows, 10)) < 0.01


@pytest.mark.parametrize("rows", [20, 40, 100])
@pytest.mark.parametrize(
    "make", [lambda rng, rows: rng.standard_normal((rows, 10)), heavy, few_kinds, rare]
)
def test_splits_that_chance_has_made_are_no_finding(make, rows):
    for seed in range(8):
        x = make(np.random.default_rng((rows, seed)), rows).astype("float32")
        for rule in RULES:
            found = look(rule, HEALTHY["linear"], **dealt(x, rows // 10))
            assert found is None or found.severity == UNDETERMINED


def test_a_scale_that_chance_may_make_is_undetermined_and_one_that_it_cannot_is_an_error():
    x = np.random.default_rng(3).standard_t(1.5, (400, 10)).astype("float32")
    scaled = {"train": x[40:], "test": 255 * x[:40]}
    found = look(splits.splits_scaled_differently, HEALTHY["linear"], **scaled)
    assert found.severity == ERROR
    assert found.evidence[0].p_value == CHANCE  # as small as so many draws can say
    # of two examples chance makes anything
    few = {"train": x[40:60], "test": 255 * x[:2]}
    found = look(splits.splits_scaled_differently, HEALTHY["linear"], **few)
    assert found.severity == UNDETERMINED
    assert found.evidence[0].p_value > CHANCE


def test_test_entries_that_are_all_the_same_are_an_error_where_chance_does_not_make_them():
    x = np.random.default_rng(5).standard_normal((200, 10)).astype("float32")
    constant = np.full((20, 10), x.mean(), "float32")
    found = look(splits.splits_scaled_differently, HEALTHY["linear"], train=x, test=constant)
    assert found.severity == ERROR
    assert found.evidence[0].value == np.inf
    assert found.evidence[0].p_value == CHANCE


def test_an_error_stands_before_what_is_undetermined():
    # the mean example of so few says nothing, and their scale much
    x = np.random.default_rng(4).standard_normal((60, 10)).astype("float32")
    found = look(splits.splits_scaled_differently, HEALTHY["linear"], train=x, test=9 * x[:7])
    assert found.severity == ERROR
    assert "std" in found.evidence[0].measure


def test_a_copy_of_each_of_a_few_test_examples_may_not_be_chance():
    x = np.random.default_rng(5).random((60, 10)).astype("float32")
    found = look(splits.duplicates_across_splits, HEALTHY["linear"], train=x, test=x[:10])
    assert (found.severity, found.evidence[0].p_value) == (ERROR, CHANCE)
    found = look(splits.duplicates_across_splits, HEALTHY["linear"], train=x, test=x[:2])
    assert found.severity == UNDETERMINED


def listed_again(times, seed=0):
    """60 rows of two numbers and a category, each so many times, split at random."""
    rng = np.random.default_rng(seed)
    rows = np.column_stack([rng.normal(5, 2, (60, 2)), rng.integers(0, 3, 60)])
    x = rng.permutation(np.repeat(rows, times, axis=0)).astype("float32")
    return table_subject(x[60:], test=x[:60])


def test_rows_of_a_table_that_are_listed_again_and_again_are_found_in_a_random_split():
    subject = listed_again(4)
    found = splits.duplicates_across_splits(Measurements(subject))
    assert (found.name, found.severity) == ("duplicates_across_splits", WARNING)
    train, test = subject.train["x"], subject.test["x"]
    assert value(found) == np.mean([(row == train).all(axis=1).any() for row in test])
    assert value(found) > 0.9
    once = table_subject(np.unique(train, axis=0)[:40], test=np.unique(train, axis=0)[40:])
    assert splits.duplicates_across_splits(Measurements(once)) is None


def test_rows_of_few_values_are_equal_by_chance():
    rng = np.random.default_rng(0)
    kinds = rng.integers(0, 6, 900)
    # a city, what follows from it, and two columns of few values
    x = np.column_stack([kinds, 3.5 * kinds, rng.integers(0, 2, 900), rng.integers(0, 5, 900)])
    subject = table_subject(x[200:], test=x[:200])
    assert splits.duplicates_across_splits(Measurements(subject)) is None
