import numpy as np
import pandas as pd
import pytest

from keras_vae.data.tables.cells import read_cells
from keras_vae.data.tables.kinds import kind_of

RNG = np.random.default_rng(0)
N = 200


def told(values, name="x"):
    return kind_of(name, read_cells(pd.Series(values)))


COLUMNS = {
    "heights": (RNG.normal(170, 10, N), "real"),
    "incomes": (RNG.lognormal(8, 1, N), "positive"),
    "changes": (RNG.normal(0, 1, N), "real"),
    "visits": (RNG.negative_binomial(1, 0.1, N), "count"),
    "sightings": (RNG.poisson(8, N), "count"),
    "children": (RNG.poisson(0.6, N).clip(0, 4), "count"),
    "ages": (RNG.integers(18, 80, N), "real"),
    "years": (RNG.integers(1950, 1970, N), "real"),
    "ratings": (RNG.integers(1, 6, N), "ordinal"),
    "scores from 0": (RNG.binomial(10, 0.8, N), "ordinal"),
    "months": (np.arange(N) % 12 + 1, "ordinal"),
    "doses": (RNG.choice([0.5, 1, 2], N), "ordinal"),
    "flags": (RNG.integers(0, 2, N), "binary"),
    "answers": (RNG.choice(["yes", "no"], N), "binary"),
    "towns": (RNG.choice(["Ulm", "Bonn", "Kiel"], N), "categorical"),
    "age bands": (RNG.choice(["18-24", "25-34", "35+"], N), "ordinal"),
    "postcodes": ([f"0{i % 20:04}" for i in range(N)], "categorical"),
    "names": ([f"name {i}" for i in range(N)], "identifier"),
    "remarks": ([f"text {i // 2}" for i in range(N)], "ignored"),
    "row numbers": (np.arange(N), "identifier"),
    "shuffled row numbers": (RNG.permutation(N) + 1, "identifier"),
    "time steps": (1949 + np.arange(N) / 12, "identifier"),
    "large numbers": (9007199254740993 + np.arange(N) * 3, "identifier"),
    "seconds": (1.6e9 + RNG.random(N) * 50, "ignored"),
    "one value": (np.ones(N), "constant"),
    "nothing": ([None] * N, "constant"),
    "days": (pd.date_range("2020-01-01", periods=N), "date"),
    "microseconds": (pd.date_range("2020-01-01", periods=N, freq="us"), "ignored"),
    "spans": (pd.to_timedelta(np.arange(N), unit="s"), "ignored"),
    "infinite": ([np.inf, -np.inf] * N, "ignored"),
    "populations": (RNG.lognormal(15, 2, N).round() + 100, "positive"),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_is_of_the_kind_that_its_values_show(name):
    values, kind = COLUMNS[name]
    found, reason = told(values)
    assert (found, bool(reason)) == (kind, True)


@pytest.mark.parametrize("name", ["id", "ID", "patient_id", "userId", "subject", "Sample ID"])
def test_whole_numbers_that_repeat_are_identifiers_by_their_name(name):
    values = np.arange(N) // 4 * 7
    assert told(values, name)[0] == "identifier"
    assert "4 rows each" in told(values, name)[1]
    assert told(values, "grid")[0] == "real"


def test_a_code_for_a_gap_is_told_and_an_honest_value_is_not():
    x = RNG.normal(5, 1, N)
    x[:7] = -999
    assert "-999 (7 times)" in told(x)[1]
    assert "999" not in told(np.append(RNG.integers(0, 2000, N), [999, 999]))[1]


def test_the_cell_that_keeps_a_column_from_being_one_of_numbers_is_shown():
    values = [*(f"{x:.5f}" for x in RNG.random(N)), "<0.001"]
    kind, reason = told(values)
    assert kind == "identifier"
    assert "'<0.001'" in reason


def test_dates_that_can_be_read_both_ways_are_a_guess():
    assert "guess" in told(["1/2/2020", "3/4/2020"] * 9)[1]
    assert "guess" not in told(["1/2/2020", "3/14/2020"] * 9)[1]


@pytest.mark.parametrize("values", [[1.5, 2.5, np.inf] * 20, [1.0, -np.inf] * 10])
def test_infinite_values_are_told_and_are_no_levels(values):
    column = pd.Series(values)
    kind, reason = kind_of("x", read_cells(column))
    assert kind == "real"
    assert f"{int(np.isinf(column).sum())} of them infinite" in reason
