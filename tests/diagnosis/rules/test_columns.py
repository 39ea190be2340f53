"""Columns that are taken for another kind than theirs, and such that are not."""

import numpy as np
import pytest
from diagnosis.made_subjects import linear_subject, value
from diagnosis.made_tables import table_subject

from keras_vae.diagnosis import examine
from keras_vae.diagnosis.finding import UNDETERMINED, WARNING
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.rules import columns

N = 400
RNG = np.random.default_rng(31)
REAL = RNG.normal(5, 2, (N, 3))
RULES = (
    columns.identifier_as_number,
    columns.count_under_gaussian,
    columns.constant_column,
    columns.column_dominates,
)


def look(rule, first=None, **changes):
    """A rule on a table, its first column replaced."""
    x = REAL.copy()
    if first is not None:
        x[:, 0] = first
    return rule(Measurements(table_subject(x, **changes)))


@pytest.mark.parametrize("rule", RULES)
def test_real_columns_that_z_tells_alike_give_no_finding(rule):
    assert look(rule) is None
    assert look(rule, told=(0, 1, 2)) is None


@pytest.mark.parametrize("rule", RULES)
def test_of_other_data_nothing_is_said(rule):
    assert rule(Measurements(linear_subject(count=50))) is None


@pytest.mark.parametrize("kind", ["real", "positive", "count"])
def test_numbers_of_rows_in_any_order_are_found_by_the_part_that_occurs(kind):
    numbers = 1000 + RNG.permutation(500)[:N]
    found = look(columns.identifier_as_number, numbers, kinds=[kind, "real", "real"])
    assert (found.name, found.severity) == ("identifier_as_number", WARNING)
    assert value(found) == pytest.approx(N / (np.ptp(numbers) + 1))
    assert "'c0'" in found.cause


@pytest.mark.parametrize(
    "numbers",
    [
        RNG.choice(900, N, replace=False) * 1.0,  # prices, each once, with holes
        np.append(np.arange(N - 1), 7),  # one comes twice
        np.arange(N) + 0.5,
    ],
)
def test_whole_numbers_with_holes_or_that_repeat_are_no_identifier(numbers):
    assert look(columns.identifier_as_number, numbers) is None


def test_dates_of_which_each_occurs_once_are_no_identifier():
    kinds = ["date", "real", "real"]
    assert look(columns.identifier_as_number, np.arange(N), kinds=kinds) is None


@pytest.mark.parametrize("mean", [1, 3])
def test_counts_under_a_normal_distribution_are_found_by_what_counting_gains(mean):
    found = look(columns.count_under_gaussian, RNG.negative_binomial(2, 2 / (2 + mean), N))
    assert (found.name, found.severity) == ("count_under_gaussian", WARNING)
    assert value(found) > 0.05
    assert 'name = "c0", kind = "count"' in found.remedy


def test_whole_numbers_that_are_as_normal_as_counts_are_left_alone():
    ages = np.clip(np.round(RNG.normal(40, 12, N)), 0, None)
    found = look(columns.count_under_gaussian, ages)
    assert found is None or found.severity == UNDETERMINED
    negative = RNG.poisson(2, N) - 1
    assert look(columns.count_under_gaussian, negative) is None


@pytest.mark.parametrize("values", [0, 1])
def test_a_column_of_one_value_or_none_in_training_is_found(values):
    mask = np.ones_like(REAL)
    mask[:, 0] = np.arange(N) < 3 * values
    found = look(columns.constant_column, np.where(np.arange(N) < 3, 7, REAL[:, 0]), mask=mask)
    assert (found.name, found.severity) == ("constant_column", WARNING)
    assert value(found) == values
    assert "--ignore 'c0'" in found.remedy


def test_a_column_with_one_other_value_in_one_row_is_not_constant():
    assert look(columns.constant_column, np.arange(N) == 3) is None


def test_the_column_that_alone_gains_much_is_found():
    found = look(columns.column_dominates, told=(1,), log_var=-8.0)
    assert (found.name, found.severity) == ("column_dominates", WARNING)
    assert value(found) == pytest.approx(1, abs=1e-3)
    assert "'c1'" in found.cause
    # little, if alone
    assert look(columns.column_dominates, told=(1,), log_var=-2.0) is None


@pytest.mark.parametrize("gaps", [0, 5])
def test_a_healthy_table_is_asked_all_that_applies_and_says_why_the_rest_does_not(gaps):
    mask = np.ones_like(REAL)
    mask[:gaps, 0] = 0
    found = examine(table_subject(REAL, mask=mask), cheap=True)
    left_out = {name for name, why in found.does_not_apply.items() if "units of their own" in why}
    assert {"splits_scaled_differently", "splits_binarized_differently", "output_misses_data",
            "binary_data_under_density", "lattice_data_under_density"} <= left_out  # fmt: skip
    assert "one sigma" in found.does_not_apply["more_latents_would_pay"]
    assert {rule.__name__ for rule in RULES} <= set(found.checked)
