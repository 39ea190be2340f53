import itertools
import json
import os
from datetime import datetime, timedelta, timezone

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_vae import RunError
from keras_vae.files.formats import FORMAT
from keras_vae.files.packages import package_versions
from keras_vae.monitoring import EventLog, event_log


def refuse(constant):
    raise ValueError(f"{constant} is no strict JSON")


def events(path):
    """The events of a file in which every line must be whole and strict JSON."""
    text = path.read_text()
    assert text.endswith("\n")
    return [json.loads(line, parse_constant=refuse) for line in text.splitlines()]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "events.jsonl"


@pytest.fixture(scope="module")
def fit(small_vae, binary_x):
    """Fits one small VAE on with some callbacks, and returns what Keras recorded."""
    vae = small_vae()
    vae.compile("adam", jit_compile=False)  # XLA would take most of the time

    def fit(*callbacks, epochs=2, **options):
        options = {"batch_size": 50, "verbose": 0, **options}
        return vae.fit(binary_x, epochs=epochs, callbacks=list(callbacks), **options).history

    return fit


# ---- what it holds ---------------------------------------------------------------------


def test_a_training_is_its_beginning_its_epochs_and_its_end(fit, binary_x, path):
    before = datetime.now(timezone.utc)
    history = fit(EventLog(path), validation_data=(binary_x,))
    begin, *epochs, end = events(path)
    assert begin["event"] == "train_begin"
    assert (begin["epochs"], begin["steps"]) == (2, 4)
    assert begin["versions"] == package_versions()
    assert begin["format"] == FORMAT
    assert [(line["event"], line["epoch"]) for line in epochs] == [
        ("epoch_end", 1),
        ("epoch_end", 2),
    ]
    assert {name: [line["logs"][name] for line in epochs] for name in history} == history
    assert {"elbo", "val_elbo"} <= set(history) == set(epochs[0]["logs"])
    assert (end["event"], end["epoch"]) == ("train_end", 2)

    times = [datetime.fromisoformat(line["time"]) for line in (begin, *epochs, end)]
    assert times == sorted(times)
    assert all(time.utcoffset() == timedelta(0) for time in times)
    # written to the millisecond, rounded down
    assert before - timedelta(milliseconds=1) <= times[0]
    assert times[-1] <= datetime.now(timezone.utc)


def test_what_no_number_can_say_is_null(fit, path):
    odd = {"a": np.nan, "b": -np.inf, "c": np.float32(0.5), "d": 3, "e": "?", "f": np.ones(2)}
    add = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(odd))
    fit(add, EventLog(path), epochs=1)
    logs = events(path)[1]["logs"]
    assert {name: logs[name] for name in odd} == {
        **dict.fromkeys("abef"),
        "c": 0.5,
        "d": 3.0,
    }


def test_seconds_are_of_the_epoch_and_the_speed_needs_the_number_of_examples(
    fit, path, monkeypatch
):
    clock = itertools.count(start=100.0, step=0.5)  # half a second a look
    monkeypatch.setattr(event_log.time, "perf_counter", lambda: next(clock))
    fit(EventLog(path, examples=200))
    lines = events(path)[1:-1]
    assert [line["seconds"] for line in lines] == [0.5, 0.5]
    assert [line["examples_per_second"] for line in lines] == [400.0, 400.0]
    fit(EventLog(path))
    assert "examples_per_second" not in events(path)[-2]


def test_an_epoch_of_unknown_length_has_null_steps(path):
    log = EventLog(path)
    log.set_params({"epochs": 1, "steps": None})  # as Keras does for a generator
    log.on_train_begin()
    assert events(path)[0]["steps"] is None


def test_a_gpu_is_called_by_its_model_and_other_devices_by_their_kind(path, monkeypatch):
    devices = [
        tf.config.PhysicalDevice("/physical_device:CPU:0", "CPU"),
        tf.config.PhysicalDevice("/physical_device:GPU:0", "GPU"),
    ]
    details = {"CPU": {}, "GPU": {"device_name": "Accelerator 100", "compute_capability": (9, 0)}}
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda: devices)
    monkeypatch.setattr(
        tf.config.experimental, "get_device_details", lambda device: details[device.device_type]
    )
    log = EventLog(path)
    log.set_params({"epochs": 1, "steps": 1})
    log.on_train_begin()
    assert events(path)[0]["devices"] == ["CPU:0", "Accelerator 100"]


def test_epochs_are_counted_on_when_training_is_resumed(fit, path):
    fit(EventLog(path))
    fit(EventLog(path), epochs=4, initial_epoch=2)
    lines = events(path)
    assert [line["event"] for line in lines] == 2 * ["train_begin", *2 * ["epoch_end"], "train_end"]
    assert [line["epoch"] for line in lines if "epoch" in line] == [1, 2, 2, 3, 4, 4]


def test_the_end_names_the_last_epoch_where_another_callback_stopped_training(fit, path):
    log = EventLog(path)
    stop = keras.callbacks.EarlyStopping(monitor="beta", mode="max")  # beta never gets better
    fit(log, stop, epochs=9)
    assert events(path)[-1]["epoch"] == 2
    fit(log, epochs=0)
    assert [line.get("epoch") for line in events(path)[-2:]] == [None, 0]


# ---- on the disk -----------------------------------------------------------------------


def test_a_line_is_on_the_disk_whole_when_its_event_is_over(fit, path, monkeypatch):
    synced, seen = [], []
    fsync = os.fsync
    monkeypatch.setattr(
        os, "fsync", lambda file: (synced.append(os.fstat(file).st_size), fsync(file))
    )

    def look(*_):
        seen.append([line["event"] for line in events(path)])
        assert synced[-1] == path.stat().st_size

    fit(
        EventLog(path),
        keras.callbacks.LambdaCallback(on_train_begin=look, on_epoch_end=look, on_train_end=look),
        epochs=1,
    )
    assert seen[-1] == ["train_begin", "epoch_end", "train_end"]
    assert [len(lines) for lines in seen] == [1, 2, 3]
    assert len(synced) == 3


def test_a_training_that_is_cut_short_leaves_whole_lines_and_no_end(fit, path):
    def cut_short(epoch, logs):
        if epoch == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(EventLog(path), keras.callbacks.LambdaCallback(on_epoch_begin=cut_short))
    assert [line["event"] for line in events(path)] == ["train_begin", "epoch_end"]


@pytest.mark.parametrize("torn", ['{"ev', '{"event": "epoch_end", "time": "2', '{"event": "a"}'])
@pytest.mark.parametrize("before", ["", '{"event": "train_begin", "time": "2026"}\n'])
def test_a_line_without_an_end_is_dropped_and_the_others_are_kept(fit, path, before, torn):
    path.write_text(before + torn)
    fit(EventLog(path), epochs=1)
    assert path.read_text().startswith(before + '{"event": "train_begin"')
    assert [line["event"] for line in events(path)][-3:] == [
        "train_begin",
        "epoch_end",
        "train_end",
    ]


# ---- mistakes --------------------------------------------------------------------------


@pytest.mark.parametrize("content", ["epoch,loss\n0,1.5\n2,1", "{", "x", '{"events": []}'])
def test_a_file_that_is_no_event_log_is_refused_and_left_alone(fit, path, content):
    if content == "{":  # that much may be the beginning of one
        content = '{"name'
    path.write_text(content)
    with pytest.raises(RunError, match=r"events.jsonl exists and is not an event log"):
        fit(EventLog(path))
    assert path.read_text() == content


def test_a_missing_folder_is_named_before_anything_is_trained(fit, tmp_path):
    path = tmp_path / "missing" / "events.jsonl"
    begun = []
    look = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: begun.append(epoch))
    with pytest.raises(RunError) as error:
        fit(EventLog(path), look)
    assert str(error.value) == (
        f"{path}: the folder {tmp_path / 'missing'} does not exist; create it first"
    )
    assert begun == []


def test_a_folder_in_place_of_the_file_is_refused_in_one_line(fit, tmp_path):
    with pytest.raises(RunError, match=r"cannot be written \(Is a directory\); choose another"):
        fit(EventLog(tmp_path))
