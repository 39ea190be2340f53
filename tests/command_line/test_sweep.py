import json
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from click.testing import CliRunner
from keras_vae_cli.main import kvae
from keras_vae_cli.sweep import OF_TRAINING

import keras_vae
from keras_vae import Config
from keras_vae.studies import children

FAKE = Path(__file__).parents[1] / "studies" / "fake_child.py"


@pytest.fixture(autouse=True)
def fake(monkeypatch):
    """Runs are processes that train nothing."""
    monkeypatch.setattr(children, "COMMAND", (sys.executable, "-S", str(FAKE)))
    monkeypatch.setattr("keras_vae.studies.pictures.draw_sweep", lambda sweep: [])


def sweep(*arguments):
    return CliRunner().invoke(kvae, ["sweep", "--data", "digits", *map(str, arguments)])


def test_every_option_of_a_training_can_be_given_and_varied():
    assert set(OF_TRAINING) == {field.name for field in fields(Config)}


def test_every_option_reaches_the_library(monkeypatch, tmp_path):
    asked = {}

    def stop(config, vary, *options):
        asked.update(config=config, vary=vary, options=options[:-2])
        raise keras_vae.RunError("enough")

    monkeypatch.setattr("keras_vae.studies.check_sweep", lambda *given: None)  # of no one data
    monkeypatch.setattr("keras_vae.sweep", stop)
    result = sweep(
        "--vary", "beta=0.5,2", "--vary", "hidden=64+32,16", "--vary", "stream=true,no",
        "--vary", "condition=labels,age+sex", "--vary", "free-nats=0,1", "--vary", "network=conv",
        "--vary", "library=yes,no", "--vary", "ignore=a+b", "--epochs", 3, "--seeds", 2,
        "--name", "many", "--out", tmp_path, "--jobs", 4, "--k", 10, "--examples", 20, "--seed", 5,
    )  # fmt: skip
    assert result.stderr == "Error: enough\n"
    assert asked["config"] == Config(data="digits", epochs=3, seed=5)
    assert asked["options"] == (2, tmp_path, "many", 4, 10, 20)
    assert asked["vary"] == {
        "beta": [0.5, 2.0], "hidden": [(64, 32), (16,)], "stream": [True, False],
        "condition": [("labels",), ("age", "sex")], "free_nats": [0.0, 1.0], "network": ["conv"],
        "library": [True, False], "ignore": [("a", "b")],
    }  # fmt: skip
    assert all(type(value) is float for value in asked["vary"]["beta"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--vary", "gamma=1"], "'gamma' is not an option of kvae fit"),
        (["--vary", "lateent=1"], "did you mean latent?"),
        (["--vary", "name=a,b"], "'name' is not an option of kvae fit"),
        (["--vary", "latent=2,x"], "latent=x: 'x' is not a valid integer"),
        (["--vary", "latent=2,0"], "latent=0: 0 is not in the range"),
        (["--vary", "hidden=64+x"], "expected whole numbers above 0"),
        (["--vary", "network=rnn"], "network=rnn: 'rnn' is not one of"),
        (["--vary", "stream=perhaps"], "stream=perhaps"),
        (["--vary", "beta"], "expected OPTION=VALUE,VALUE"),
        (["--vary", "beta=1", "--vary", "beta=2"], "'beta' is varied twice"),
        (["--vary", "beta=1,1.0"], "--vary beta: 1 twice"),
        (["--vary", "beta=1,2", "--beta", "3"], "--vary beta and --beta: choose one"),
        (["--vary", "beta=1,inf"], "beta=inf: expected a finite number"),
        (["--vary", "seed=1,2", "--seeds", "2"], "--vary seed names the seeds"),
        (["--name", "a/b"], "expected a plain name"),
        (["--vary", "warmup=0.5", "--warmup", "0.5"], "choose one"),
        (["--warmup", "0.5"], "is not for these data"),
    ],
)
def test_what_is_wrong_is_one_line_and_nothing_is_written(arguments, said, tmp_path):
    result = sweep(*arguments, "--out", tmp_path / "out")
    assert result.exit_code in (1, 2)
    assert result.stderr.count("\n") == 1
    assert said in result.stderr
    assert not (tmp_path / "out").exists()


def test_the_table_comes_at_the_end_with_the_next_command(tmp_path):
    result = sweep("--vary", "beta=0.5,20", "--epochs", 1, "--seeds", 2, "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert "beta 0.5" in result.stdout
    path = tmp_path / "sweep"
    runs = [f"beta-{beta}_seed-{seed}" for beta in (20, 0.5) for seed in (0, 1)]
    assert result.stdout.endswith(
        f"Next: kvae compare {' '.join(str(path / run) for run in runs)}\n"
    )


def test_json_is_one_object_and_a_failed_run_is_told_and_gives_exit_code_1(tmp_path):
    result = sweep("--vary", "warmup=0,0.8", "--epochs", 1, "--out", tmp_path, "--json")
    assert result.exit_code == 1
    record = json.loads(result.stdout)
    assert record["failed"] == {"warmup-0.8_seed-0": "the disk is full"}
    assert len(record["table"]) == 1
    assert "warmup-0.8_seed-0 failed: the disk is full" in result.stderr
