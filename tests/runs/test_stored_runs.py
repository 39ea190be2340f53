"""Runs that earlier versions left: every later version opens them and finds the same figures.

`stored/format_N.tar.gz` holds the folder `vN` that was left when N was the format of JSON files by

    kvae fit --data digits --latent 2 --hidden 16 --epochs 5 --batch-size 8 --learning-rate 0.01
        --beta 0.5 --warmup 0.4 --track-evidence --name vN
    kvae export saved_models/vN

without its pictures, and beside it `answers.npz`, what `answers` below said then. An archive is
never made anew: one that does not open is a defect, or of a format that is refused from now on.
"""

import json
import tarfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from keras_vae import evaluate, load_run
from keras_vae.export import check_version
from keras_vae.runs import Run, diagnose_run, diagnosis_record

STORED = Path(__file__).with_name("stored")


def answers(run, dataset):
    """What `answers.npz` holds of a model of two latents."""
    x = run.examples(dataset, "test").x[:10]
    z_mean, z_log_var = run.vae.encode(x)
    z = np.stack(np.meshgrid(*[np.linspace(-2, 2, 3, dtype="float32")] * 2), -1).reshape(-1, 2)
    return {"x": x, "z_mean": z_mean, "z_log_var": z_log_var, "z": z, "mean": run.vae.decode(z)}


class Stored(NamedTuple):
    run: Run
    dataset: object
    answers: dict


@pytest.fixture(scope="module", params=sorted(path.name for path in STORED.iterdir()))
def stored(request, tmp_path_factory):
    """A stored run as it is today, with its data and its answers of then."""
    folder = tmp_path_factory.mktemp("stored")
    with tarfile.open(STORED / request.param) as archive:
        archive.extractall(folder, filter="data")
    (path,) = folder.glob("v*")
    run = load_run(path)
    return Stored(run, run.load_data(), dict(np.load(folder / "answers.npz")))


def read(stored, name):
    """A JSON file of the run's folder as it was written."""
    return json.loads((stored.run.path / name).read_text())


def expect_same_figures(now, then):
    """The numbers are those of then to 1e-5; words may be others."""
    then = {name: value for name, value in then.items() if isinstance(value, (int, float))}
    assert {name: now[name] for name in then} == pytest.approx(then, rel=1e-5, abs=1e-5)


def test_a_stored_run_opens_with_its_options_and_what_it_recorded(stored):
    run, record = stored.run, read(stored, "config.json")
    assert {name: run.record[name] for name in ("config", "data", "versions", "training")} == {
        name: record[name] for name in ("config", "data", "versions", "training")
    }
    assert (run.config.latent, run.config.hidden, run.config.beta) == (2, (16,), 0.5)
    assert run.vae.count_params() == record["training"]["weights"]
    assert len(run.history["val_elbo"]) == record["training"]["epochs"] == 5
    assert run.evidence["columns"] == read(stored, "evidence.json")["columns"]


def test_its_posteriors_and_its_means_are_those_of_then(stored):
    now = answers(stored.run, stored.dataset)
    assert now.keys() == stored.answers.keys()
    for name, values in now.items():
        np.testing.assert_allclose(values, stored.answers[name], rtol=1e-5, atol=1e-6)


def test_its_evaluation_gives_the_figures_that_it_recorded(stored):
    metrics = read(stored, "metrics.json")
    assert metrics["elbo"] == stored.run.metrics["elbo"]
    now = evaluate(stored.run.vae, stored.dataset, stored.run.config.binarize).to_dict()
    metrics.pop("format", None)
    expect_same_figures(now, metrics)


def test_its_cheap_diagnosis_is_the_one_that_it_recorded(stored):
    then = read(stored, "diagnosis.json")
    now = diagnosis_record(diagnose_run(stored.run, cheap=True))
    assert now["verdict"] == then["verdict"]
    expect_same_figures(now["figures"], then["figures"])
    assert len(then["findings"]) == 2
    for found, expected in zip(now["findings"], then["findings"], strict=True):
        assert (found["name"], found["severity"]) == (expected["name"], expected["severity"])
        for part, part_then in zip(found["evidence"], expected["evidence"], strict=True):
            assert part["value"] == pytest.approx(part_then["value"], rel=1e-4)
            assert part["threshold"] == part_then["threshold"]


def test_its_exported_version_is_whole_and_answers_as_then(stored):
    report = check_version(stored.run.path / "1")
    assert report["faults"] == []
    assert report["differences"].keys() == read(stored, "1/metadata.json")["signatures"].keys()
