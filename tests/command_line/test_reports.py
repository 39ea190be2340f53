import json
import shutil

import numpy as np
import pytest
from click.testing import CliRunner
from keras_vae_cli.main import kvae

import keras_vae


def run(*arguments):
    return CliRunner().invoke(kvae, [str(argument) for argument in arguments])


def test_info_names_data_protocol_options_and_versions(digits_run):
    result = run("info", digits_run.path)
    assert result.exit_code == 0
    for words in (
        "1439 train, 179 validation, 179 test",
        "beta 0.5",
        "tensorflow 2.",
        "warmup 0.4",
    ):
        assert words in " ".join(result.stdout.replace("│", " ").split())
    assert f"Next: kvae plot {digits_run.path}" in result.stdout


def test_info_as_json_is_what_the_folder_says(digits_run):
    values = json.loads(run("info", digits_run.path, "--json").stdout)
    assert values["config"] == digits_run.record["config"]
    assert values["metrics"] == digits_run.metrics


def test_evaluate_prints_the_same_figures_as_fit(digits_run):
    result = run("evaluate", digits_run.path)
    for name in ("elbo", "rate", "distortion", "baseline", "gain"):
        assert f"{digits_run.metrics[name]:.2f}" in result.stdout
    assert "2 of 2" in result.stdout
    assert f"{digits_run.metrics['bits_per_dim']:.4f}" in result.stdout


def test_evaluate_as_json_passes_split_samples_and_seed_on(digits_run):
    arguments = ("--split", "train", "--samples", "2", "--seed", "5", "--json")
    values = json.loads(run("evaluate", digits_run.path, *arguments).stdout)
    expected = keras_vae.evaluate(digits_run.vae, digits_run.load_data(), "dynamic", "train", 2, 5)
    assert values == {"model": str(digits_run.path), **expected.to_dict()}


def test_plot_draws_into_another_folder_and_lists_the_files(digits_run, tmp_path):
    arguments = ("--only", "samples", "--only", "history", "--output-dir", tmp_path / "new")
    values = json.loads(run("plot", digits_run.path, *arguments, "--json").stdout)
    assert values["plots"] == [
        str(tmp_path / "new" / f"{name}.png") for name in ("samples", "history")
    ]
    assert sorted(map(str, (tmp_path / "new").iterdir())) == sorted(values["plots"])


def test_pictures_of_other_data_never_replace_those_of_the_run(digits_run, tmp_path):
    rng = np.random.default_rng(0)
    np.save(tmp_path / "x.npy", rng.random((30, 8, 8)))
    result = run("plot", digits_run.path, "--data", tmp_path / "x.npy")
    assert result.exit_code == 2
    assert "--output-dir" in result.stderr
    arguments = ("--data", tmp_path / "x.npy", "--output-dir", tmp_path / "new")
    assert run("plot", digits_run.path, *arguments).exit_code == 0
    names = {path.stem for path in (tmp_path / "new").iterdir()}
    assert "latent_map" in names
    assert "history" not in names  # it would stand beside a baseline of other data


def test_names_with_brackets_and_spaces_are_shown_and_quoted(digits_run, tmp_path):
    copy = shutil.copytree(digits_run.path, tmp_path / "[bold]a b")
    result = run("info", copy)
    assert "[bold]a b" in result.stdout.splitlines()[0] + result.stdout.splitlines()[1]
    assert result.stdout.endswith(f"Next: kvae plot '{copy}'\n")


@pytest.mark.parametrize(
    "command", ["info", "evaluate", "plot", "sample", "reconstruct", "encode", "decode"]
)
def test_a_folder_that_is_no_model_is_one_line(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    arguments = ["--z", "0,0"] if command == "decode" else []
    for folder, words in ((tmp_path, "config.json: missing"), (tmp_path / "no", "no such model")):
        result = run(command, folder, *arguments)
        assert result.exit_code == 1
        assert words in result.stderr
        assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
