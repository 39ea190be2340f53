import keras
import numpy as np
import pandas
import pytest
from PIL import Image

import keras_vae
from keras_vae import Config, ConfigError, DataError, fit, load_run
from keras_vae.data import from_arrays, load_data, name_in_memory
from keras_vae.data.tables import infer_schema
from keras_vae.runs import dry_run
from keras_vae.runs.run import describe_data
from keras_vae.runs.sources import load, load_like, record_name, stored_reading

X = np.random.default_rng(0).integers(0, 2, (60, 6))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of a table in memory."""
    config = Config(data=pandas.DataFrame(X), hidden=(4,), epochs=1)
    return fit(config, tmp_path_factory.mktemp("models"))


def test_a_run_of_arrays_names_them_and_is_read_back(run):
    loaded = load_run(run.path)
    assert loaded.config.data == name_in_memory(X)
    assert run.metrics["protocol"].startswith(f"{name_in_memory(X)}, test split, 6 examples")
    assert loaded.vae.protocol["data"] == name_in_memory(X)
    assert loaded.vae.protocol["binarize"] == "none"
    assert loaded.record["data"]["examples"] == {"train": 48, "validation": 6, "test": 6}


def test_other_data_are_read_as_the_models_own_unless_something_else_is_chosen(tmp_path):
    colours = np.random.default_rng(0).integers(0, 256, (30, 6, 8, 3), "uint8")
    for number, colour in enumerate(colours):
        Image.fromarray(colour).save(tmp_path / f"{number:02}.png")
    own = {"size": 4, "gray": True, "alpha": None, "channels": None}
    assert load_like(str(tmp_path), own).event_shape == (4, 4, 1)
    chosen = {"size": 5, "gray": False, "alpha": None, "channels": None}
    assert load_like(str(tmp_path), own, chosen).event_shape == (5, 5, 1)
    assert load_like("digits", own).event_shape == load("digits").event_shape
    with pytest.raises(DataError, match="--gray: digits is not a folder of images"):
        load_like("digits", {}, {"gray": True})


def test_what_needs_the_data_again_asks_for_them_and_takes_them(run):
    with pytest.raises(DataError, match=r"were given in memory.* --data.*run.load_data\(x\)") as e:
        run.load_data()
    assert "\n" not in str(e.value)
    again = keras_vae.evaluate(run.vae, run.load_data(X.tolist())).to_dict()
    assert {**again, "protocol": ""} == {**run.metrics, "protocol": ""}
    assert name_in_memory(X.tolist()) in again["protocol"]


@pytest.mark.slow
def test_a_run_of_arrays_that_was_cut_short_goes_on_with_the_same_arrays_alone(
    tmp_path, run, bare_fit
):
    class Cut(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                raise MemoryError

    config = Config(data=X, hidden=(4,), epochs=2)
    with pytest.raises(MemoryError):
        fit(config, tmp_path, callbacks=[Cut()])
    with pytest.raises(DataError, match="were given in memory"):
        fit(None, tmp_path, resume=True)
    with pytest.raises(ConfigError, match="--resume: data is 'arrays in memory of shape"):
        fit(config.replace(data=1 - X), tmp_path, resume=True)
    assert fit(config, tmp_path, resume=True).record["training"]["epochs"] == 2


def test_a_dataset_with_labels_and_a_test_split_of_its_own_is_taken_as_it_is(tmp_path):
    dataset = from_arrays(X, np.arange(60) % 3, X[:10], np.arange(10) % 3, name="made")
    assert load(dataset) is dataset
    assert record_name(dataset, dataset) == "made"
    with pytest.raises(ConfigError, match="is in memory already"):
        load(dataset, stream=True)
    plan = dry_run(Config(data=dataset, hidden=(4,), epochs=1))
    assert plan.figures["steps"] == 1


def test_an_array_in_a_config_is_never_written_as_if_it_were_a_name():
    with pytest.raises(ConfigError, match="a ndarray in memory cannot be written as JSON"):
        Config(data=X).to_dict()


def test_names_and_paths_are_recorded_so_that_they_hold_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("x.npy", X)
    assert record_name("x.npy", load("x.npy")) == str(tmp_path / "x.npy")
    assert record_name("digits", None) == "digits"


def test_a_table_is_recorded_with_its_schema_and_read_again_by_it():
    rng = np.random.default_rng(0)
    table = pandas.DataFrame({"a": rng.normal(size=40), "b": ["x", "y"] * 20, "c": range(40)})
    config = Config(data=table, label_column="b")
    dataset = load_data(table, **config.reading)
    record = {"data": describe_data(dataset)}
    reading = stored_reading(config, record)
    assert reading["columns"] == infer_schema(table, label_column="b")
    assert describe_data(load_data(table, **reading)) == record["data"]
    table.loc[3, "a"] = np.nan
    assert describe_data(load_data(table, **reading))["sha256"] != record["data"]["sha256"]
    assert stored_reading(config, {"data": {}}) == config.reading


def test_what_is_no_table_is_not_read_for_a_model_of_one():
    schema = infer_schema(pandas.DataFrame({"a": range(40), "b": ["x", "y"] * 20}))
    with pytest.raises(DataError, match="digits: is not a table, and the model is one of a table"):
        load_like("digits", {"columns": schema})


def test_a_gap_is_another_value_than_0():
    table = pandas.DataFrame({"a": [0.0, 1.5] * 20, "b": ["x", "y"] * 20})
    gaps = table.assign(a=table["a"].mask(table["a"] == 0))
    corrections = [{"name": "a", "kind": "real"}]
    of, with_gaps = (describe_data(load_data(t, columns=corrections)) for t in (table, gaps))
    assert of["range"] == with_gaps["range"]
    assert of["sha256"] != with_gaps["sha256"]
