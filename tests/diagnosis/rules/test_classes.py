"""Categories that nothing can be learned of, and columns that give a class away."""

import numpy as np
import pytest
from diagnosis.made_subjects import linear_subject, value
from diagnosis.made_tables import table_subject

from keras_vae.conditions import Condition, encode_conditions
from keras_vae.diagnosis.finding import INFO, WARNING
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.rules import classes

N = 400
RNG = np.random.default_rng(31)
REAL = RNG.normal(5, 2, (N, 3))
BATCH = Condition("batch", ("a", "b"))


def look(rule, codes=None, test=None, told=None, **changes):
    """A rule on a table, its first column replaced by codes, its model told classes of a batch."""
    train = REAL.copy()
    if codes is not None:
        train[:, 0] = codes
        changes = {
            "kinds": ["categorical", "real", "real"],
            "categories": ("x", "y", "z"),
            **changes,
        }
    if test is not None:
        rows = REAL[: len(test)].copy()
        rows[:, 0] = test
        test = rows
    if told is not None:
        changes["conditions"] = (BATCH,)
    subject = table_subject(train, test=test, **changes)
    if told is not None:
        subject.train["condition"] = encode_conditions([BATCH], {"batch": told})
    return rule(Measurements(subject))


def codes(*counts):
    return np.repeat(np.arange(len(counts)), counts)


@pytest.mark.parametrize("rule", [classes.rare_category, classes.label_leaks])
def test_a_healthy_table_and_other_data_give_no_finding(rule):
    batch = np.where(RNG.random(N) < 0.5, "a", "b")
    labels = RNG.integers(0, 3, N)
    assert look(rule, RNG.integers(0, 3, N), told=batch, labels=labels) is None
    assert rule(Measurements(linear_subject(count=50, labels=np.zeros(50, int)))) is None


@pytest.mark.parametrize("rows", [1, 4])
def test_a_category_of_few_training_rows_is_good_to_know(rows):
    found = look(classes.rare_category, codes(N - 40 - rows, 40, rows))
    assert (found.name, found.severity) == ("rare_category", INFO)
    assert value(found) == rows
    assert "'z'" in found.cause
    assert 'name = "c0", gaps = ["z"]' in found.remedy
    assert "--ignore 'c0'" in found.remedy


def test_a_category_of_five_training_rows_is_no_finding():
    assert look(classes.rare_category, codes(N - 45, 40, 5)) is None


def test_a_category_of_test_rows_alone_is_a_warning():
    found = look(classes.rare_category, codes(N - 41, 41), test=[0, 2, 2])
    assert found.severity == WARNING
    assert value(found) == 0
    assert "0 training examples and 2 test examples" in found.cause
    assert "--split-column" in found.remedy


def test_a_category_that_occurs_nowhere_is_no_finding():
    assert look(classes.rare_category, codes(N - 41, 41)) is None


def test_of_a_column_of_two_values_none_can_be_taken_for_unknown():
    changes = {"kinds": ["binary", "real", "real"], "categories": ("no", "yes")}
    found = look(classes.rare_category, codes(N - 2, 2), **changes)
    assert value(found) == 2
    assert "gaps" not in found.remedy


def test_a_class_that_the_model_is_told_and_hardly_saw_is_a_warning():
    found = look(classes.rare_category, codes(N - 3, 0, 3), told=["a"] * (N - 2) + ["b"] * 2)
    assert found.severity == WARNING
    assert value(found) == 2
    assert "'b' of condition 'batch'" in found.cause
    assert "--condition" in found.remedy


def test_a_column_that_is_the_label_in_another_spelling_is_found():
    labels = RNG.integers(0, 3, N)
    found = look(classes.label_leaks, (labels + 1) % 3, labels=labels)
    assert (found.name, found.severity) == ("label_leaks", WARNING)
    assert value(found) == 0
    assert "'c0' alone tells the label" in found.cause
    assert "--ignore 'c0'" in found.remedy


def test_a_column_that_tells_the_label_but_for_some_rows_is_no_leak():
    labels = RNG.integers(0, 3, N)
    wrong = np.where(np.arange(N) < 12, (labels + 1) % 3, labels)
    assert look(classes.label_leaks, wrong, labels=labels) is None


def test_a_column_that_repeats_a_condition_is_found():
    told = np.where(RNG.random(N) < 0.5, "a", "b")
    found = look(classes.label_leaks, (told == "b") * 1, told=told)
    assert value(found) == 0
    assert "condition 'batch'" in found.cause
