import re

import numpy as np
import pandas as pd
import pytest

from keras_vae import Config, ConfigError, DataError, fit
from keras_vae.runs.folder import begin, write_json
from keras_vae.runs.start import known_config, new_run, resumed_run, unfinished_config

X = np.random.default_rng(0).random((60, 6)).astype("float32")


@pytest.fixture
def config(tmp_path):
    np.save(tmp_path / "x.npy", X)
    return Config(data=str(tmp_path / "x.npy"), likelihood="gaussian", epochs=3)


@pytest.fixture
def begun(tmp_path, config):
    """The folder of a run that has begun."""
    working = begin(tmp_path / "out", "vae", False)
    write_json(working / "config.json", new_run(config)[1])
    return working


def test_a_new_run_records_what_its_data_decide(config):
    dataset, record = new_run(config)
    assert dataset.event_shape == (6,)
    decided = {"binarize": "none", "precision": "float32", "library": False}
    decided |= {"latent": 2, "batch_size": 128, "samples": 1, "warmup": 0.0}
    assert record["config"] == {**config.to_dict(), **decided}
    assert record["data"]["examples"] == {"train": 48, "validation": 6, "test": 6}


def test_a_config_that_is_given_stands_and_that_of_no_run_is_not_there(tmp_path, config):
    assert known_config(config, tmp_path, "vae", resume=True) is config
    assert unfinished_config(tmp_path, "vae") is None


def test_a_run_that_goes_on_has_the_data_and_the_record_that_it_began_with(config, begun):
    dataset, record = resumed_run(begun, config)
    np.testing.assert_array_equal(dataset.train.x, new_run(config)[0].train.x)
    assert record["config"] == new_run(config)[1]["config"]


@pytest.mark.parametrize("given", [True, False])
def test_a_run_of_a_relative_path_goes_on_under_the_name_that_it_began_with(
    tmp_path, monkeypatch, config, given
):
    monkeypatch.chdir(tmp_path)
    config = config.replace(data="x.npy")
    _, record = new_run(config)
    working = begin(tmp_path / "out", "vae", False)
    write_json(working / "config.json", record)
    config = config if given else Config.from_dict(record["config"])
    dataset, again = resumed_run(working, config)
    assert dataset.name == "x.npy"
    assert again["data"] == record["data"]


def test_other_options_and_other_data_than_a_run_began_with_are_refused(tmp_path, config, begun):
    with pytest.raises(ConfigError, match="epochs is 5 now and was 3 when the run began"):
        resumed_run(begun, config.replace(epochs=5))
    np.save(tmp_path / "x.npy", X + 1)
    with pytest.raises(DataError, match=r"x.npy has changed since the run began"):
        resumed_run(begun, config)


@pytest.mark.parametrize("resume", [False, True])
def test_without_a_config_only_a_run_that_was_cut_short_can_be_meant(tmp_path, resume):
    with pytest.raises(ConfigError, match=f"config=None: .* vae in {re.escape(str(tmp_path))} is"):
        fit(None, tmp_path, resume=resume)
    assert not list(tmp_path.iterdir())


def test_a_run_that_is_told_columns_of_a_table_goes_on_as_it_began(tmp_path):
    kind = np.array(["a", "b"])[np.arange(60) % 2]
    table = pd.DataFrame({"kind": kind, "age": X[:, 0], "x": X[:, 1]})
    table.to_csv(tmp_path / "x.csv", index=False)
    config = Config(data=str(tmp_path / "x.csv"), condition=("kind", "age"), epochs=3)
    working = begin(tmp_path / "out", "vae", False)
    dataset, record = new_run(config)
    write_json(working / "config.json", record)
    again, _ = resumed_run(working, config)
    assert again.conditions == dataset.conditions
    np.testing.assert_array_equal(again.train.condition, dataset.train.condition)
