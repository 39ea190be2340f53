import dataclasses
import json
import os
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner
from keras_vae_cli.main import COMMANDS, kvae
from keras_vae_cli.model_options import as_preset
from keras_vae_cli.options import is_given

import keras_vae
from keras_vae import Config, KerasVAEError
from keras_vae.choices import (
    ACTIVATIONS,
    BINARIZATIONS,
    DISTRIBUTIONS,
    GRADIENTS,
    LIKELIHOODS,
    NETWORKS,
    OBJECTIVES,
    POSTERIORS,
    PRECISIONS,
    PRIORS,
    SCHEDULES,
)
from keras_vae.data import NAMED

HEAVY = ("tensorflow", "keras", "tensorflow_probability", "sklearn", "scipy", "matplotlib", "numpy")


def loaded_by(*calls):
    """(exit code, output, what is loaded by then) of commands, one after the other in one new
    process."""
    program = (
        "import json, sys\n"
        "from click.testing import CliRunner\n"
        "from keras_vae_cli.main import kvae\n"
        "for arguments in json.loads(sys.argv[1]):\n"
        "    done = CliRunner().invoke(kvae, arguments)\n"
        f"    heavy = [name for name in {HEAVY!r} + ('keras_vae', 'rich') if name in sys.modules]\n"
        "    print(json.dumps([done.exit_code, done.output, heavy]))\n"
    )
    calls = json.dumps([[str(word) for word in call] for call in calls])
    done = subprocess.run([sys.executable, "-c", program, calls], capture_output=True, text=True)
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_help_imports_nothing_heavy():
    calls = [["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)]
    for arguments, (exit_code, output, heavy) in zip(calls, loaded_by(*calls), strict=True):
        assert (exit_code, heavy) == (0, [])
        assert ("version" if arguments == ["--version"] else "Usage:") in output


WITH_MODEL = (
    ["evaluate"], ["diagnose"], ["plot"], ["sample"], ["reconstruct"], ["encode"],
    ["decode", "--z", "0,0"], ["export"], ["info"], ["report"], ["explain", "prior"],
    ["interpolate", "--from", "0", "--to", "1"],
)  # fmt: skip
WITH_DATA = (
    ["evaluate"], ["diagnose"], ["plot", "--output-dir", "p"], ["reconstruct"], ["encode"],
    ["report", "--output", "p.html"], ["explain", "prior"],
    ["interpolate", "--from", "0", "--to", "1"],
)  # fmt: skip
WITH_OUTPUT = (
    ["sample"], ["reconstruct"], ["encode"], ["decode", "--z", "0,0"],
    ["interpolate", "--from", "0", "--to", "1"],
)  # fmt: skip


def test_what_is_wrong_with_a_path_is_said_without_tensorflow(digits_folder, tmp_path):
    taken, missing = tmp_path / "taken.npz", tmp_path / "missing.npz"
    taken.touch()
    here = digits_folder
    fit = ["fit", "--data", "digits", "--out"]
    calls = {
        "no such model folder": [
            *([name, missing, *more] for name, *more in WITH_MODEL),
            ["compare", here, missing],
        ],
        "no such file or folder": [
            ["fit", "--data", missing],
            ["fit", "--data", missing, "--dry-run"],
            ["sweep", "--data", missing],
            ["compare", here, here, "--data", missing],
            ["fit", "--data", missing, "--resume", "--out", tmp_path],
            *([name, here, *more, "--data", missing] for name, *more in WITH_DATA),
            ["diagnose", tmp_path / "missing.keras", "--data", "digits"],
            ["diagnose", missing, "--adapter", "module:function"],
            ["decode", here, "--input", missing],
        ],
        "no such folder": [["check-export", missing]],
        "no such file": [["schema", missing]],
        "is not a table": [[*fit, tmp_path, "--label-column", "x"]],
        "holds no exported version": [["check-export", tmp_path]],
        "exists; choose another --output": [
            [name, here, *more, "--output", taken] for name, *more in WITH_OUTPUT
        ],
        "exists; choose another --name": [[*fit, here.parent, "--name", here.name]],
        "is not a folder": [[*fit, taken], ["sweep", "--out", taken]],
        "expected a plain name": [[*fit, tmp_path, "--name", "a/b"], ["sweep", "--name", "a/b"]],
        "expected a finite number": [["fit", "--beta", "inf"], ["sweep", "--vary", "beta=inf"]],
        "exists and is not a sweep": [["sweep", "--out", here.parent, "--name", here.name]],
        "expected latents of shape (N, 2)": [["decode", here, "--z", "1,2,3"]],
        "expected module:function": [["diagnose", here, "--adapter", "my_vae.py"]],
        "of a model with 2 latents; expected one of": [["plot", here, "--only", "traversals"]],
        "expected a name that ends in .html": [["report", here, "--output", "page.png"]],
        "cannot be written": [["plot", here, "--output-dir", taken]],
    }
    pairs = [(words, call) for words, each in calls.items() for call in each]
    every = loaded_by(*(call for _, call in pairs))
    for (words, call), (exit_code, output, heavy) in zip(pairs, every, strict=True):
        assert (exit_code, output.count("\n")) == (1, 1), call
        assert words in output, call
        assert set(heavy) <= {"keras_vae", "rich"}, call


def test_info_tells_of_a_folder_without_tensorflow(digits_folder):
    ((exit_code, output, heavy),) = loaded_by(["info", digits_folder])
    assert (exit_code, heavy) == (0, ["keras_vae", "rich"])
    assert "latents" in output


def options_of(name):
    return [param for param in commands()[name].params if isinstance(param, click.Option)]


def commands():
    context = click.Context(kvae)
    return {name: kvae.get_command(context, name) for name in COMMANDS}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_every_option_has_help(name):
    assert commands()[name].help
    assert all(option.help for option in options_of(name))


def test_the_defaults_of_fit_are_those_of_config():
    given = dict(commands()["fit"].make_context("fit", []).params)
    for name in ("name", "out", "overwrite", "resume", "dry_run", "as_json", "preset"):
        del given[name]
    assert Config(**given) == Config()
    assert set(given) == {field.name for field in dataclasses.fields(Config)}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], {"latent": 40, "network": "gated_mlp", "hidden": (300, 300), "ema": 0.99}),
        (["--latent", "7"], {"latent": 7, "network": "gated_mlp"}),
        # widths of a layer are not channels of a stage
        (["--network", "conv"], {"latent": 40, "network": "conv", "hidden": None}),
    ],
)
def test_a_preset_is_changed_by_what_is_given(words, expected):
    context = commands()["fit"].make_context("fit", ["--preset", "gated", *words])
    given = [name for name in context.params if is_given(context, name)]
    options = as_preset(context.params["preset"], context.params, given)
    assert {name: options[name] for name in expected} == expected


def test_conditions_are_named_between_commas_or_one_by_one():
    words = ["--condition", "age,sex", "--condition", "labels"]
    for name, more in (("fit", []), ("schema", ["t.csv"])):
        given = commands()[name].make_context(name, [*more, *words]).params
        assert given["condition"] == ("age", "sex", "labels")


def test_a_condition_that_is_given_twice_is_refused():
    words = ["m", "--condition", "label=7", "--condition", "label=8"]
    with pytest.raises(click.BadParameter, match="expected each name once"):
        commands()["sample"].make_context("sample", words)


def test_the_choices_of_fit_are_those_of_the_library():
    choices = {option.name: getattr(option.type, "choices", None) for option in options_of("fit")}
    assert tuple(choices["network"]) == NETWORKS
    assert tuple(choices["activation"]) == ACTIVATIONS
    assert tuple(choices["prior"]) == PRIORS
    assert tuple(choices["posterior"]) == POSTERIORS
    assert tuple(choices["objective"]) == OBJECTIVES
    assert tuple(choices["gradient"]) == GRADIENTS
    assert tuple(choices["schedule"]) == SCHEDULES
    assert tuple(choices["likelihood"]) == LIKELIHOODS
    assert tuple(choices["binarize"]) == BINARIZATIONS
    assert tuple(choices["precision"]) == PRECISIONS
    assert tuple(choices["distribute"]) == DISTRIBUTIONS
    (data,) = (option for option in options_of("fit") if option.name == "data")
    assert all(name in data.help for name in NAMED)


def test_the_pictures_to_choose_from_are_those_that_the_library_draws(digits_folder):
    (only,) = (option for option in options_of("plot") if option.name == "only")
    drawn = {path.stem for path in (digits_folder / "plots").iterdir()}  # of 2 latents
    assert set(only.type.choices) == drawn | {"traversals", "evidence"}


def test_a_bug_keeps_its_traceback_and_a_users_mistake_does_not(monkeypatch, tmp_path):
    for error, exit_code in ((RuntimeError("a bug"), None), (KerasVAEError("a mistake"), 1)):

        def fail(*arguments, error=error):
            raise error

        monkeypatch.setattr("keras_vae.files.read_run", fail)
        result = CliRunner().invoke(kvae, ["info", str(tmp_path)])
        if exit_code is None:
            assert result.exception is error
        else:
            assert (result.exit_code, result.stderr) == (1, "Error: a mistake\n")


def test_ctrl_c_in_any_command_exits_with_130_in_one_line(monkeypatch, tmp_path):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("keras_vae.files.read_run", interrupt)
    result = CliRunner().invoke(kvae, ["info", str(tmp_path)])
    assert (result.exit_code, result.stderr) == (130, "Interrupted.\n")


def test_the_version_is_that_of_the_package():
    result = CliRunner().invoke(kvae, ["--version"])
    assert result.stdout == f"kvae, version {keras_vae.__version__}\n"


def test_a_terminal_without_unicode_gets_the_report_all_the_same(digits_folder):
    done = subprocess.run(
        [sys.executable, "-m", "keras_vae_cli", "info", str(digits_folder)],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 0
    assert b" ? " in done.stdout


@pytest.mark.slow
def test_a_command_loads_tensorflow_in_silence_and_without_what_it_does_not_use(
    digits_folder, tmp_path
):
    program = """
import gc
import sys
from keras_vae_cli.main import kvae
kvae(["sample", *sys.argv[1:]], standalone_mode=False)
print("sklearn" in sys.modules, type(sys.modules["matplotlib.pyplot"]).__name__)
print("tensorflow_probability.python.experimental" in sys.modules)
print([name for name in sys.modules if name in ("keras_vae.diagnosis", "keras_vae.training")])
print(gc.isenabled(), gc.get_freeze_count() > 100_000)
import keras
import matplotlib.pyplot
print(keras.wrappers.SKLearnClassifier.__name__, matplotlib.pyplot.figure.__name__)
print("sklearn" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(digits_folder), "--output", str(tmp_path / "x.npz")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines()[-6:] == [
        "False _LazyModule", "False", "[]", "True True", "SKLearnClassifier figure", "True",
    ]  # fmt: skip
