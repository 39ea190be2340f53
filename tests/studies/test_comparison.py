import json

import numpy as np
import pytest
from scipy import stats

from keras_vae.studies import Comparison, Configuration
from keras_vae.studies.comparison import FIGURES

RNG = np.random.default_rng(0)
COMMON = RNG.normal(-90, 20, 400)


def configuration(name, shift, seeds, **options):
    """Models whose log p(x) lies `shift` above what all have in common."""
    offsets = np.linspace(-0.1, 0.1, seeds)[:, None] if seeds > 1 else 0.0
    noise = RNG.normal(0, 1, (seeds, 400))
    noise -= noise.mean(axis=1, keepdims=True)  # so that the means are what they are called
    values = dict.fromkeys(FIGURES, COMMON + shift + offsets + noise)
    models = tuple(f"{name}{seed}" for seed in range(seeds))
    return Configuration(models, tuple(range(seeds)), options, values, (2,) * seeds, 2)


FOUND = Comparison(
    (
        configuration("low", -1.0, 1, beta=4.0),
        configuration("high", 0.5, 3, beta=1.0),
        configuration("near", 0.48, 3, beta=0.9),
    ),
    "digits",
    "L_100, a lower bound",
    400,
    ("low0: still rising",),
)


def test_means_errors_and_spreads_are_those_of_numpy():
    high = FOUND.configurations[1]
    values = high.values["elbo"]
    assert high.mean("elbo") == pytest.approx(values.sum() / values.size)
    assert high.error("elbo") == pytest.approx(stats.sem(values.sum(axis=0) / 3))
    assert high.spread("elbo") == pytest.approx(np.std(values.sum(axis=1) / 400, ddof=1))
    assert FOUND.configurations[0].spread("elbo") is None


def test_differences_are_paired_and_from_the_best():
    assert FOUND.best() == 1
    assert FOUND.others() == [0, 2]
    record = FOUND.to_dict()["differences"][0]
    assert (record["first"], record["second"]) == (2, 1)
    values = [each.values["rate"] for each in FOUND.configurations]
    difference = values[1].mean(axis=0) - values[0][0]
    assert record["rate"]["mean"] == pytest.approx(difference.mean())
    assert record["rate"]["error_of_examples"] == pytest.approx(stats.sem(difference))
    assert record["rate"]["error_of_seeds"] is None  # one side has a single seed
    of_seeds = FOUND.to_dict()["differences"][1]["elbo"]
    sides = (each.values["elbo"] for each in FOUND.configurations[1:])
    spreads = [np.var(values.mean(axis=1), ddof=1) / 3 for values in sides]
    assert of_seeds["error_of_seeds"] == pytest.approx(np.sqrt(sum(spreads)))


def test_what_the_data_tell_is_told_and_what_they_do_not_is_not():
    evidence, elbo = FOUND.verdicts
    assert evidence.startswith("By log p(x) 2 is best: ")
    assert evidence.endswith("above 3; not told from 3.")
    assert elbo.startswith("By elbo 2 is best")
    two = Comparison(FOUND.configurations[:2], "", "", 400)
    assert two.verdicts[0].endswith("above 1; told from all others.")
    rows = {row[0]: row[1:] for row in FOUND.tables[2].rows}
    assert list(rows) == ["2 - 1", "2 - 3"]
    assert all(cell.endswith(" *") for cell in rows["2 - 1"])
    assert not any(cell.endswith(" *") for cell in rows["2 - 3"])


def test_each_report_holds_models_options_figures_doubts_and_protocol():
    record = json.loads(json.dumps(FOUND.to_dict(), allow_nan=False))
    assert record["configurations"][0]["options"] == {"beta": 4.0}
    assert record["best"] == {"log_evidence": 2, "elbo": 2}
    for text in (FOUND.to_markdown(), FOUND._repr_html_()):
        for words in ("high0", "beta 0.9", "L_100", "low0: still rising", "Protocol: digits"):
            assert words in text
        mean, error = (getattr(FOUND.configurations[0], name)("gain") for name in ("mean", "error"))
        assert f"{mean:.2f} ± {error:.2f}" in text


def test_models_of_one_configuration_have_no_difference():
    one = Comparison(FOUND.configurations[1:2], "", "", 400)
    assert len(one.tables) == 2
    assert one.verdicts == []
    assert one.to_dict()["differences"] == []
