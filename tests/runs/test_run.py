import json
import shutil
import subprocess
import sys

import numpy as np
import pytest

from keras_vae import Config, DataError, RunError, fit, load_run
from keras_vae.files import read_run
from keras_vae.files.formats import FORMAT


def test_a_run_comes_back_as_it_was(digits_run):
    loaded = load_run(digits_run.path)
    assert loaded.config == digits_run.config
    assert loaded.metrics == digits_run.metrics
    assert loaded.record == digits_run.record


def test_a_record_that_was_read_already_is_not_read_again(digits_folder, monkeypatch):
    record = read_run(digits_folder)
    monkeypatch.setattr("keras_vae.runs.run.read_run", pytest.fail)
    monkeypatch.setattr("keras_vae.runs.run._load_vae", lambda path: path)
    run = load_run(record)
    assert run.vae == digits_folder / "model.keras"
    assert all(getattr(run, name) is value for name, value in vars(record).items())


@pytest.mark.slow
def test_a_fresh_process_encodes_bit_for_bit_alike(digits_run, tmp_path):
    x = digits_run.examples(digits_run.load_data(), "test").x
    np.save(tmp_path / "x.npy", x)
    program = (
        # nor has the process what Windows has not
        "import sys\n"
        "sys.modules.update(dict.fromkeys(('fcntl', 'resource', 'termios', 'pwd', 'grp')))\n"
        "import numpy, keras_vae\n"
        "vae = keras_vae.load_run(sys.argv[1]).vae\n"
        "z_mean, z_log_var = vae.encode(numpy.load(sys.argv[2] + '/x.npy'))\n"
        "numpy.savez(sys.argv[2] + '/z.npz', z_mean=z_mean, z_log_var=z_log_var)\n"
    )
    subprocess.run(
        [sys.executable, "-c", program, str(digits_run.path), str(tmp_path)],
        check=True,
        capture_output=True,
    )
    fresh = np.load(tmp_path / "z.npz")
    z_mean, z_log_var = digits_run.vae.encode(x)
    np.testing.assert_array_equal(fresh["z_mean"], z_mean)
    np.testing.assert_array_equal(fresh["z_log_var"], z_log_var)


def test_examples_are_binarised_as_the_model_was_trained(digits_run):
    dataset = digits_run.load_data()
    examples = digits_run.examples(dataset, "test")
    assert set(np.unique(examples.x)) == {0.0, 1.0}
    np.testing.assert_array_equal(examples.labels, dataset.test.labels)


def flip_a_byte(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def cut(path):
    path.write_bytes(path.read_bytes()[:5000])


DAMAGES = {
    "it has no config.json": lambda folder: (folder / "config.json").unlink(),
    "config.json: not readable JSON": lambda folder: (folder / "config.json").write_text("{"),
    "config.json: was not written": lambda folder: (folder / "config.json").write_text("{}"),
    "config.json: was not written by": lambda folder: (folder / "config.json").write_text("[1]"),
    "metrics.json: was not written": lambda folder: (folder / "metrics.json").write_text("[]"),
    "model.keras: missing": lambda folder: (folder / "model.keras").unlink(),
    "model.keras: damaged": lambda folder: (folder / "model.keras").write_bytes(b"no zip"),
    "model.keras: damaged or": lambda folder: flip_a_byte(folder / "model.keras"),
    "model.keras: damaged or not": lambda folder: cut(folder / "model.keras"),
    "no such model folder": shutil.rmtree,
}


@pytest.mark.parametrize("message", DAMAGES)
def test_a_damaged_folder_is_named_in_one_line(digits_folder, tmp_path, message):
    copy = shutil.copytree(digits_folder, tmp_path / "copy")
    DAMAGES[message](copy)
    with pytest.raises(RunError, match=message) as error:
        load_run(copy)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["config.json", "metrics.json", "evidence.json"])
@pytest.mark.parametrize("number", [FORMAT + 1, -1])
def test_a_folder_of_another_format_is_refused_by_name(digits_folder, tmp_path, name, number):
    copy = shutil.copytree(digits_folder, tmp_path / "copy")
    is_there = (copy / name).exists()
    values = json.loads((copy / name).read_text()) if is_there else {}
    (copy / name).write_text(json.dumps({**values, "format": number}))
    with pytest.raises(RunError, match=rf"copy/{name}: of format {number}, "):
        load_run(copy).evidence  # noqa: B018


@pytest.mark.parametrize("text", ["", "epoch,loss\n", "epoch,loss\n0,a\n"])
def test_a_damaged_history_is_one_line(digits_folder, tmp_path, text):
    copy = shutil.copytree(digits_folder, tmp_path / "copy")
    (copy / "history.csv").write_text(text)
    with pytest.raises(RunError, match=r"history\.csv: missing or damaged") as error:
        load_run(copy).history  # noqa: B018
    assert "\n" not in str(error.value)


def test_other_data_that_the_likelihood_cannot_describe_are_refused(digits_run, tmp_path):
    np.save(tmp_path / "x.npy", np.random.default_rng(0).random((30, 8, 8)) * 255)
    with pytest.raises(DataError, match="describes values in"):
        digits_run.load_data(str(tmp_path / "x.npy"))


def test_an_option_of_another_version_is_named(digits_folder, tmp_path):
    copy = shutil.copytree(digits_folder, tmp_path / "copy")
    record = json.loads((copy / "config.json").read_text())
    record["config"]["flow"] = True
    (copy / "config.json").write_text(json.dumps(record))
    with pytest.raises(ValueError, match="unknown option 'flow'"):
        load_run(copy)


@pytest.mark.slow
def test_data_that_changed_since_training_are_noticed(tmp_path, bare_fit):
    x = np.random.default_rng(0).integers(0, 2, size=(50, 4)).astype("float32")
    np.save(tmp_path / "x.npy", x)
    run = fit(Config(data=str(tmp_path / "x.npy"), hidden=(4,), epochs=1), tmp_path)
    run.load_data()
    x[7, 2] = 1 - x[7, 2]
    np.save(tmp_path / "x.npy", x)
    with pytest.raises(DataError, match="has changed since the model was trained"):
        run.load_data()
    assert run.load_data(str(tmp_path / "x.npy")).event_shape == (4,)  # asked for by name


def test_other_data_must_have_the_models_shape(digits_run, tmp_path):
    np.save(tmp_path / "x.npy", np.eye(20, dtype="float32"))
    with pytest.raises(DataError, match=r"examples of shape \(20,\), the model takes \(8, 8\)"):
        digits_run.load_data(str(tmp_path / "x.npy"))
