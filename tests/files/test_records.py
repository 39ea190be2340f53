import dataclasses
import json
import shutil

import pytest

from keras_vae import DataError, RunError
from keras_vae.evaluation import Evaluation
from keras_vae.files.records import METRICS, read_run


@pytest.fixture
def copy(digits_folder, tmp_path):
    return shutil.copytree(digits_folder, tmp_path / "copy")


def change(path, **values):
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_a_record_is_the_run_without_its_model(digits_run):
    found = read_run(digits_run.path)
    for name in ("path", "config", "record", "metrics", "history", "evidence"):
        assert getattr(found, name) == getattr(digits_run, name)


def test_the_metrics_that_are_expected_are_those_of_an_evaluation():
    # those with a default came later: runs of before do not have them
    assert list(METRICS) == [
        field.name
        for field in dataclasses.fields(Evaluation)
        if field.default is dataclasses.MISSING
    ]


def test_a_folder_whose_model_is_missing_or_cut_short_is_not_a_run(copy):
    model = copy / "model.keras"
    model.write_bytes(model.read_bytes()[:-100])
    with pytest.raises(RunError, match="damaged or not a Keras model; fit it again"):
        read_run(copy)
    model.unlink()
    with pytest.raises(RunError, match=r"model\.keras: missing"):
        read_run(copy)


def test_the_data_of_a_run_are_missed_where_they_were(copy, tmp_path):
    read_run(copy).check_data()  # digits
    config = json.loads((copy / "config.json").read_text())["config"]
    path = tmp_path / "x.npy"
    change(copy / "config.json", config={**config, "data": str(path)})
    with pytest.raises(DataError, match=r"x\.npy: no such file or folder"):
        read_run(copy).check_data()
    path.touch()
    read_run(copy).check_data()
    with pytest.raises(DataError, match=r"other\.npz: no such file or folder"):
        read_run(copy).check_data("other.npz")
    change(copy / "config.json", config={**config, "data": "array in memory of shape (2, 3)"})
    read_run(copy).check_data()  # that it must be given again is said where it is loaded


def test_latents_are_as_many_as_the_model_has(digits_folder):
    found = read_run(digits_folder)
    found.check_latents([[0.0, 1.0], [2.0, 3.0]])
    with pytest.raises(DataError, match=r"shape \(N, 2\), got \(1, 3\)"):
        found.check_latents([[0.0, 1.0, 2.0]])
