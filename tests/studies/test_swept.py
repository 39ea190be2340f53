import json

import numpy as np
import pytest

from keras_vae import Config
from keras_vae.files.formats import with_format
from keras_vae.studies.plan import FIGURES, plan_of
from keras_vae.studies.swept import is_finished, read_sweep

PLAN = plan_of(Config(data="digits"), {"beta": [0.5, 2.0]}, seeds=3, k=100, examples=50)
NAMES = list(PLAN.runs)
ELBOS = dict(zip(NAMES, [-30.0, -31.0, -32.6, -29.0, -29.5, -40.0], strict=True))


def write(folder, name):
    (folder / name).mkdir()
    figures = {
        figure: {"mean": ELBOS[name] + shift, "standard_error": 0.25 + ELBOS[name] / -100}
        for figure, shift in (("elbo", 0), ("rate", 33), ("distortion", 66), ("log_evidence", 2))
    }
    record = {
        "figures": figures, "active_units": 2, "latent": 2, "doubts": [f"doubt {name}"],
        "protocol": "digits",
    }  # fmt: skip
    (folder / name / FIGURES).write_text(json.dumps(with_format(record)))


@pytest.fixture
def folder(tmp_path):
    for name in NAMES[:5]:
        write(tmp_path, name)
    return tmp_path


def test_a_row_is_a_configuration_and_its_spread_that_of_the_seeds(folder):
    found = read_sweep(folder, PLAN, {NAMES[5]: "killed by signal 9"})
    first, second = found.rows
    assert (first.name, first.seeds, second.seeds) == ("beta 0.5", (0, 1, 2), (0, 1))
    elbos = np.array([-30.0, -31.0, -32.6])
    assert first.mean("elbo") == pytest.approx(elbos.sum() / 3)
    expected = np.sqrt(np.sum((elbos - elbos.sum() / 3) ** 2) / 2)
    assert first.spread("elbo") == pytest.approx(expected)
    assert first.error("elbo") == pytest.approx(0.25 + (0.30 + 0.31 + 0.326) / 3)
    assert found.failed == {NAMES[5]: "killed by signal 9"}
    assert [row.name for row in found.ranked()] == ["beta 2", "beta 0.5"]


def test_the_table_says_k_the_best_and_what_failed(folder):
    found = read_sweep(folder, PLAN)
    assert "L_100" in found.table.columns
    assert [" *" in row[2] for row in found.table.rows] == [False, True]
    record = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert record["best"] == {"elbo": {"beta": 2.0}, "log_evidence": {"beta": 2.0}}
    assert record["table"][0]["elbo"]["of_each"] == [-30.0, -31.0, -32.6]
    assert record["failed"] == {NAMES[5]: "not finished"}
    for text in (found.to_markdown(), found._repr_html_()):
        for words in (
            "beta 0.5",
            "L_100 of at most the first 50 examples",
            f"doubt {NAMES[0]}",
            NAMES[5],
        ):
            assert words in text


def test_without_a_finished_run_there_is_a_table_all_the_same(tmp_path):
    found = read_sweep(tmp_path, PLAN)
    assert (found.rows, found.table.rows, len(found.failed)) == ((), (), 6)
    assert found.to_dict()["best"] == {}
    assert not is_finished(tmp_path / NAMES[0])
