import json
import shutil

import numpy as np
import pytest
from click.testing import CliRunner
from keras_vae_cli.main import kvae
from keras_vae_cli.terminal import TimeLeft, echo_table, plural

import keras_vae
from keras_vae.figure_tables import FigureTable


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


QUICK = ("--examples", "20", "--k", "1,10")


@pytest.fixture(scope="module")
def evaluated(digits_run, tmp_path_factory):
    """What `kvae evaluate` prints, and the folder of its pictures; read only."""
    folder = tmp_path_factory.mktemp("pictures")
    return run("evaluate", digits_run.path, *QUICK, "--output-dir", folder).stdout, folder


@pytest.mark.slow
def test_evaluate_prints_the_same_figures_as_fit(digits_run, evaluated):
    shown, _ = evaluated
    for name in ("elbo", "rate", "distortion", "baseline", "gain"):
        assert f"{digits_run.metrics[name]:.2f}" in shown
    assert "2 of 2" in shown
    assert f"{digits_run.metrics['bits_per_dim']:.4f}" in shown


@pytest.mark.slow
def test_evaluate_as_json_passes_its_options_on(digits_run):
    arguments = ("--split", "train", "--samples", "2", "--seed", "5", *QUICK, "--json")
    values = json.loads(run("evaluate", digits_run.path, *arguments).stdout)
    chosen = digits_run.vae, digits_run.load_data(), "dynamic", "train"
    expected = keras_vae.evaluate(*chosen, 2, 5)
    report = keras_vae.evaluation.evidence_report(*chosen, 20, (1, 10), seed=5)
    assert values == {
        "model": str(digits_run.path),
        **expected.to_dict(),
        "evidence": report.to_dict(),
        "plots": [],  # the run's pictures are those of its test split
    }


@pytest.mark.slow
def test_evaluate_shows_the_identity_and_the_place_of_each_figure(digits_run, evaluated):
    shown, folder = evaluated
    arguments = (*QUICK, "--output-dir", folder, "--json")
    figures = json.loads(run("evaluate", digits_run.path, *arguments).stdout)
    identity = figures["evidence"]["identity"]
    lines = {line.split("│")[1].strip(): line for line in shown.splitlines() if "│" in line}
    for name, figure, place in (
        ("log p(x)", identity["log_evidence"], "evidence"),
        ("ELBO", identity["elbo"], "likelihood"),
        ("KL(q || p(z|x))", identity["posterior_kl"], "true posterior"),
        ("residual", identity["largest_residual"], "log p(x) - ELBO - KL"),
        ("rate", figures["evidence"]["surgery"]["rate"], "prior"),
        ("mutual information", figures["evidence"]["surgery"]["ceiling"], "ceiling"),
    ):
        assert f"{figure:.2f}" in lines[name]
        assert place in lines[name]
    assert f"Protocol: {figures['evidence']['protocol']}" in shown
    assert [path.name for path in sorted(folder.iterdir())] == [
        "bound_by_samples.png",
        "exact_posterior.png",
        "latent_rates.png",
    ]
    assert sorted(figures["plots"]) == sorted(map(str, folder.iterdir()))


@pytest.mark.slow
def test_evaluate_tells_classes_from_the_codes_where_it_is_asked_to(digits_run, tmp_path, loaded):
    arguments = (*QUICK, "--codes", "--seed", "4", "--output-dir", tmp_path)
    expected = keras_vae.evaluation.code_accuracy(digits_run.vae, digits_run.load_data(), seed=4)
    values = json.loads(run("evaluate", digits_run.path, *arguments, "--json").stdout)
    assert values["codes"] == expected.to_dict()
    shown = run("evaluate", digits_run.path, *arguments).stdout
    rows = [line for line in shown.splitlines() if "PCA of x" in line]
    assert f"{100 * expected.pca.linear.mean:.1f} ±" in rows[0]
    assert f"Protocol: {expected.protocol}" in shown


def test_classes_are_told_of_held_out_examples_and_of_data_with_labels(
    digits_run, tmp_path, loaded
):
    for split in ("train", "all"):
        done = run("evaluate", digits_run.path, "--codes", "--split", split)
        assert (done.exit_code, done.output.count("\n")) == (2, 1)
        assert "--split test or validation" in done.stderr
    np.save(tmp_path / "x.npy", np.random.default_rng(0).random((30, 8, 8)))
    done = run("evaluate", digits_run.path, "--codes", "--data", tmp_path / "x.npy")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "x.npy: has no labels" in done.stderr.splitlines()[-1]


@pytest.mark.slow
def test_evaluate_says_in_words_when_k_is_too_small(digits_run, tmp_path):
    arguments = ("--examples", "20", "--k", "5", "--output-dir", tmp_path)
    shown = run("evaluate", digits_run.path, *arguments).stdout
    assert "L_5 is only a lower bound" in shown
    assert f"kvae evaluate {digits_run.path} --ais" in shown


def test_evaluate_with_pictures_that_cannot_be_written_still_shows_the_figures(
    digits_run, tmp_path
):
    (tmp_path / "file").write_text("")
    result = run("evaluate", digits_run.path, *QUICK, "--output-dir", tmp_path / "file")
    assert result.exit_code == 0
    assert "log p(x)" in result.stdout
    assert "Warning:" in result.stderr
    assert "cannot be written" in result.stderr


@pytest.mark.slow
def test_other_data_are_split_as_those_of_training_unless_all_of_them_are_asked_for(
    digits_run, tmp_path, loaded
):
    x = np.random.default_rng(0).random((30, 8, 8))
    np.save(tmp_path / "x.npy", x)
    command = ("evaluate", digits_run.path, "--data", tmp_path / "x.npy", *QUICK, "--json")
    whole = digits_run.load_data(tmp_path / "x.npy")
    for split, count in (("test", 3), ("all", 30)):
        found = run(*command, "--split", split)
        told = "of its test split, 3 of 30 examples; --split all takes all of them"
        assert (told in found.stderr) == (split == "test")
        figures = json.loads(found.stdout)
        assert figures["examples"] == count
        dataset = keras_vae.data.unsplit(whole) if split == "all" else whole
        expected = keras_vae.evaluate(digits_run.vae, dataset, split=split).to_dict()
        assert figures["elbo"] == expected["elbo"]


@pytest.mark.parametrize("value", ["", "0", "1,x", "-3"])
def test_evaluate_refuses_what_is_no_number_of_samples(digits_run, value):
    result = run("evaluate", digits_run.path, "--k", value)
    assert result.exit_code == 2
    assert "expected whole numbers above 0" in result.stderr


def test_plot_draws_into_another_folder_and_lists_the_files(digits_run, tmp_path):
    arguments = ("--only", "samples", "--only", "history", "--output-dir", tmp_path / "new")
    values = json.loads(run("plot", digits_run.path, *arguments, "--json").stdout)
    assert values["plots"] == [
        str(tmp_path / "new" / f"{name}.png") for name in ("samples", "history")
    ]
    assert sorted(map(str, (tmp_path / "new").iterdir())) == sorted(values["plots"])


@pytest.mark.slow
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
    for folder, words in ((tmp_path, "no config.json"), (tmp_path / "no", "no such model")):
        result = run(command, folder, *arguments)
        assert result.exit_code == 1
        assert words in result.stderr
        assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_one_is_not_many():
    assert [plural(count, "row") for count in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]


def test_the_time_left_is_that_of_the_share_done():
    seconds = iter([0, 0, 0.5, 10, 40, 100, 130])
    clock = TimeLeft(lambda: next(seconds))
    assert clock.after(0.0) == ""
    assert clock.after(0.01) == ""  # after half a second
    assert clock.after(0.25) == "0:00:30 left"  # 10 s for a quarter
    assert clock.after(1.0) == ""
    assert clock.after(0.0) == ""  # another loop begins, at 100 s
    assert clock.after(0.25) == "0:01:30 left"  # 30 s for a quarter


def test_in_a_pipe_no_figure_is_cut(capsys):
    columns = tuple(f"column {k}" for k in range(12))
    row = ("a configuration of beta, latent", *(f"-123.45 ± 0.{k:02d} *" for k in range(11)))
    echo_table(FigureTable("many figures", (row,), columns, numbers=tuple(range(1, 12))))
    shown = capsys.readouterr().out
    assert all(cell in shown for cell in (*columns, *row))
    assert "…" not in shown


def test_in_a_pipe_a_narrow_table_has_a_hundred_columns_at_most(capsys):
    words = (("name", "many words " * 30),)
    echo_table(FigureTable("words", words, ("", "meaning"), numbers=()))
    assert max(map(len, capsys.readouterr().out.splitlines())) == 100
