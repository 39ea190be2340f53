import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from click.testing import CliRunner
from keras_vae_cli.main import kvae
from PIL import Image

from keras_vae import Config, load_run

KVAE = [sys.executable, "-m", "keras_vae_cli"]
QUICK = ["--data", "digits", "--hidden", "16", "--epochs", "2"]


@pytest.fixture(autouse=True)
def in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def fit(*arguments):
    return CliRunner().invoke(kvae, ["fit", *arguments])


@pytest.mark.slow
def test_fit_reports_training_and_test_figures_and_the_next_command(tmp_path, no_pictures):
    result = fit(*QUICK)
    assert result.exit_code == 0
    assert "val_elbo" in result.stdout
    told = "Protocol: digits, test split, 179 examples; 17 gray levels divided by 16; dynamic"
    assert told in result.stdout
    assert result.stdout.endswith("Next: kvae diagnose saved_models/vae\n")
    metrics = load_run(tmp_path / "saved_models" / "vae").metrics
    for name in ("elbo", "distortion", "rate", "baseline", "gain"):
        assert f"{metrics[name]:.2f}" in result.stdout


@pytest.mark.slow
def test_json_is_one_object_and_nothing_else(tmp_path):
    result = fit(*QUICK, "--json", "--name", "other", "--out", "models", "--seed", "7")
    values = json.loads(result.stdout)
    assert values["config"]["seed"] == 7
    assert values["metrics"] == load_run(tmp_path / "models" / "other").metrics
    assert len(values["plots"]) == 6


@pytest.mark.slow
def test_every_option_reaches_the_run(tmp_path, bare_fit):
    pixels = np.random.default_rng(0).integers(0, 256, (100, 9, 10, 4), dtype="uint8")
    (tmp_path / "images").mkdir()
    for number, image in enumerate(pixels):
        Image.fromarray(image).save(tmp_path / "images" / f"{number:03}.png")
    given = {
        "data": str(tmp_path / "images"), "size": 8, "gray": True, "alpha": "white",
        "channels": "last", "latent": 4, "network": "conv", "hidden": [4, 8],
        "likelihood": "continuous_bernoulli", "binarize": "none", "beta": 0.5, "warmup": 0.5,
        "free_nats": 0.25, "epochs": 2, "batch_size": 64, "learning_rate": 0.01, "patience": 5,
        "seed": 11, "track_evidence": True, "tensorboard": True, "precision": "mixed_bfloat16",
        "checkpoint_every": 7, "distribute": "mirrored", "prior": "mixture", "components": 3,
        "posterior": "full", "samples": 2, "schedule": "constant", "clip_norm": 5.0, "ema": 0.3,
    }  # fmt: skip
    arguments = []
    for name, value in given.items():
        option = f"--{name.replace('_', '-')}"
        if value is True:
            arguments.append(option)
        else:
            text = ",".join(map(str, value)) if name == "hidden" else str(value)
            arguments += [option, text]
    result = fit(*arguments)
    assert result.exit_code == 0, result.output
    record = json.loads((tmp_path / "saved_models" / "vae" / "config.json").read_text())
    config = {name: record["config"][name] for name in given}
    assert config == given
    others = {name: value for name, value in record["config"].items() if name not in given}
    default = Config().to_dict()
    # of streams, tables, conditions and other objectives: left out
    assert others == {name: default[name] for name in others} | {"library": False}


@pytest.mark.slow
def test_a_run_that_was_killed_goes_on_with_resume_alone_and_says_what_does_not_fit(
    tmp_path, bare_fit, bare_kvae
):
    options = ["--data", "digits", "--hidden", "16", "--epochs", "40"]
    process = subprocess.Popen(
        [*bare_kvae, "fit", "--out", str(tmp_path), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    while not list(tmp_path.glob(".vae-unfinished-*/checkpoints/at-*")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.kill()
    process.communicate()
    result = fit("--out", str(tmp_path), "--resume", "--epochs", "5")
    assert result.exit_code == 1
    said = "Error: --resume: data is 'mnist5k' now and was 'digits' when the run began; repeat"
    assert result.stderr.splitlines()[-1].startswith(said)
    result = fit("--out", str(tmp_path), "--resume", "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["training"]["epochs"] == 40
    assert [path.name for path in tmp_path.iterdir()] == ["vae"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--latent", "0"],
        ["--beta", "-1"],
        ["--beta", "nan"],
        ["--hidden", "a"],
        ["--hidden", "16,0"],
        ["--hidden", ""],
        ["--epochs", "0"],
        ["--warmup", "1"],
        ["--learning-rate", "0"],
        ["--network", "transformer"],
        ["--seed", "-1"],
        ["--data", "missing.npz"],
        ["--data", "notes.txt"],
        ["--data", "nan.npy"],
        ["--data", "empty.npy"],
        ["--data", "constant.npy"],
        ["--data", "mismatch.npz"],
        ["--data", "pickled.npy"],
        ["--data", "cut.npz"],
        ["--data", "pictures"],
        ["--data", "wide.npy"],
        ["--data", "vectors.npy", "--network", "conv"],
        ["--name", "a/b"],
        ["--out", "notes.txt"],
        ["--out", "/proc"],
    ],
    ids=" ".join,
)
def test_bad_input_is_one_clear_line_and_nothing_is_written(tmp_path, arguments):
    rng = np.random.default_rng(0)
    x = rng.random((40, 6)).astype("float32")
    (tmp_path / "notes.txt").write_text("no data")
    np.save("nan.npy", np.where(x > 0.9, np.nan, x))
    np.save("empty.npy", x[:0])
    np.save("constant.npy", np.ones((40, 6)))
    np.save("wide.npy", 255 * x)
    np.save("vectors.npy", x)
    np.savez("mismatch.npz", x_train=x, x_test=x[:, :3])
    np.save("pickled.npy", np.array([{"a": 1}] * 40))
    np.savez("whole.npz", x=x)
    (tmp_path / "cut.npz").write_bytes((tmp_path / "whole.npz").read_bytes()[:-200])
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.png").write_text("no picture")
    before = {str(path) for path in tmp_path.rglob("*")}

    data = [] if "--data" in arguments else ["--data", "digits"]
    result = fit("--epochs", "1", *data, *arguments)

    assert result.exit_code in (1, 2)
    assert isinstance(result.exception, SystemExit)
    lines = [line for line in result.stderr.splitlines() if not line.startswith("Warning: ")]
    assert len(lines) == 1
    assert lines[0].startswith("Error: ")
    assert {str(path) for path in tmp_path.rglob("*")} == before


@pytest.mark.slow
def test_warnings_about_the_data_come_before_training_on_stderr(no_pictures):
    result = fit(*QUICK, "--binarize", "none", "--json")
    assert result.stderr.startswith("Warning: ")
    assert "--likelihood continuous_bernoulli" in result.stderr
    json.loads(result.stdout)


@pytest.mark.slow
def test_ctrl_c_keeps_the_best_checkpoint_and_says_so(tmp_path):
    process = subprocess.Popen(
        [*KVAE, "fit", "--data", "digits", "--hidden", "16", "--epochs", "5000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 120
    while not list(tmp_path.glob("saved_models/.vae-unfinished-*/checkpoints/at-*")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "Stopped early: interrupted. The best checkpoint, of epoch" in stderr
    assert "Traceback" not in stderr
    run = load_run(tmp_path / "saved_models" / "vae")
    assert run.record["training"]["ended"] == "interrupted"
    assert np.isfinite(run.vae.encode(np.zeros((1, 8, 8)))).all()
    assert [path.name for path in (tmp_path / "saved_models").iterdir()] == ["vae"]


def test_a_full_disk_is_one_line_and_nothing_half_written_takes_the_name(
    tmp_path, bare_fit, full_disk
):
    with full_disk(20_000):  # of model.keras
        result = fit("--data", "digits", "--hidden", "64", "--epochs", "2")
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert result.stderr.strip().splitlines()[-1].startswith("Error: ")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a read-only file system")
def test_a_read_only_disk_is_one_line(tmp_path):
    target = tmp_path / "readonly"
    target.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(target)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this machine does not let the test mount a file system")
    try:
        result = fit(*QUICK, "--out", str(target))
    finally:
        subprocess.run(["umount", str(target)], check=True)
    assert result.exit_code == 1
    assert "cannot be written (Read-only file system)" in result.stderr


def test_an_option_without_a_default_shows_an_example_all_the_same():
    result = fit("--hidden", "a,b", "--data", "digits")
    assert "such as 512,256" in result.stderr


def test_of_a_table_the_columns_are_shown_with_their_kinds_before_training(
    people, bare_fit, eager, monkeypatch
):
    done = fit("--data", str(people), "--epochs", "1", "--hidden", "4", "--ignore", "town")
    assert done.exit_code == 0
    shown, _, trained = done.stdout.partition(f"kvae schema {people} --output schema.toml")
    assert "5 of 7 columns are modelled" in shown
    kinds = dict(line.split("│")[1:3] for line in shown.splitlines() if line.count("│") > 3)
    kinds = {name.strip(): kind.strip() for name, kind in kinds.items() if name.strip()}
    assert kinds == {
        "name": "identifier", "height": "real", "income": "positive", "visits": "count",
        "town": "ignored", "member": "binary", "day": "date",
    }  # fmt: skip
    assert "val_elbo" in trained
    assert "bits per dimension │" in trained
    again = fit("--data", str(people), "--epochs", "1", "--hidden", "4", "--json", "--overwrite")
    assert json.loads(again.stdout)["data"]["schema"]["columns"][0]["name"] == "name"
