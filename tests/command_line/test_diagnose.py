import json
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from keras_vae_cli.diagnose import LIKELIHOODS
from keras_vae_cli.main import kvae

import keras_vae
from keras_vae.diagnosis import Diagnosis, Evidence, Finding
from keras_vae.diagnosis.subjects.likelihoods import NAMES

# What the default `warn` says of trainings that are too short to be good.
pytestmark = pytest.mark.filterwarnings("ignore:.*kvae diagnose .* says more:UserWarning")


@pytest.fixture(autouse=True)
def in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))


def run(*arguments):
    return CliRunner().invoke(kvae, [str(argument) for argument in arguments])


def unwrapped(text):
    """What tables show, without their lines and line breaks."""
    return " ".join(text.replace("│", " ").split())


def made(severity, name="made_up", value=2.0, error=0.0, **more):
    evidence = Evidence("a measure, nats", value, 1.0, error)
    return Finding(name, severity, (evidence,), "A cause.", "A remedy.", "A healthy look.", **more)


@pytest.fixture
def found(monkeypatch, loaded):
    """Makes `kvae diagnose` find what it is given; returns how the library was called."""
    calls = []

    def find(*findings, figures=None, does_not_apply=None):
        def diagnose_run(*arguments):
            calls.append(arguments)
            checked = "one", "two"
            return Diagnosis(findings, checked, figures or {}, "a protocol", does_not_apply or {})

        monkeypatch.setattr("keras_vae.runs.diagnose_run", diagnose_run)
        return calls

    return find


# ---- verdict and exit code -------------------------------------------------------------


@pytest.mark.parametrize(
    ("findings", "plain", "strict"),
    [
        ((), 0, 0),
        ((made("info"),), 0, 0),
        ((made("undetermined", error=9.0),), 0, 0),
        ((made("warning"), made("info")), 0, 3),
        ((made("warning"), made("error")), 4, 4),
        ((made("warning"), made("error", follows_from="made_up")), 4, 4),
    ],
    ids=["nothing", "info", "undetermined", "warning", "error", "error that follows"],
)
def test_the_exit_code_is_the_verdict(found, digits_folder, findings, plain, strict):
    found(*findings)
    for options in ((), ("--json",)):
        assert run("diagnose", digits_folder, *options).exit_code == plain
        assert run("diagnose", digits_folder, *options, "--strict").exit_code == strict


def test_a_cause_is_told_in_full_and_what_follows_from_it_in_a_line(found, digits_folder):
    found(
        made("error", "first", 2.5, 0.125),
        made("warning", "second"),
        made("undetermined", "third", 1.5, 3.0),
        made("info", "fourth"),
        made("error", "fifth", follows_from="first"),
    )
    shown = run("diagnose", digits_folder).stdout
    lines = shown.splitlines()
    assert lines[0] == f"{digits_folder}: 2 errors and 1 warning, from first, second"
    told = unwrapped(shown)
    first = "error first evidence a measure, nats: 2.5 ± 0.12 (a finding above 1) cause A cause. "
    assert first + "remedy A remedy." in told
    assert told.index("error first") < told.index("warning second")
    assert "Error: fifth: follows from first" in lines
    assert "Undetermined: third: 1.5 ± 3, threshold 1; A remedy." in lines
    assert "Info: fourth: A cause. A remedy." in lines
    assert lines[-2:] == ["2 checks: a protocol", "Next: kvae diagnose --explain first"]


def test_each_check_that_was_left_out_stands_with_its_own_reason(found, digits_folder):
    found(does_not_apply={"three": "a reason", "four": "another", "five": "a reason"})
    lines = run("diagnose", digits_folder).stdout.splitlines()
    left_out = [line for line in lines if "left out" in line]
    assert left_out == [
        "2 checks left out (three, five): a reason",
        "1 check left out (four): another",
    ]


@pytest.mark.parametrize("by_the_way", [(), (made("undetermined", error=9.0), made("info"))])
def test_what_is_healthy_is_to_be_evaluated_next(found, digits_folder, by_the_way):
    found(*by_the_way)
    lines = run("diagnose", digits_folder).stdout.splitlines()
    assert lines[0] == f"{digits_folder}: healthy"
    assert lines[-1] == f"Next: kvae evaluate {digits_folder}"


# ---- a run -----------------------------------------------------------------------------


def test_json_is_one_object_and_equals_what_the_library_says(digits_folder):
    asked = {"examples": 300, "seed": 4, "cheap": True}
    arguments = ("--cheap", "--examples", "300", "--seed", "4", "--json")
    result = run("diagnose", digits_folder, *arguments)
    diagnosis = keras_vae.runs.diagnose_run(keras_vae.load_run(digits_folder), **asked)
    expected = {"model": str(digits_folder), **diagnosis.to_dict()}
    assert json.loads(result.stdout) == json.loads(json.dumps(expected))


def test_a_number_that_json_does_not_have_is_null(found, digits_folder):
    found(made("info", value=float("nan")), figures={"elbo": float("-inf")})
    values = json.loads(run("diagnose", digits_folder, "--json").stdout)
    assert values["findings"][0]["evidence"][0]["value"] is None
    assert values["figures"] == {"elbo": None}


def test_the_table_shows_the_figures(digits_folder):
    arguments = ("diagnose", digits_folder, "--cheap")
    shown = run(*arguments).stdout
    figures = json.loads(run(*arguments, "--json").stdout)["figures"]
    lines = {line.split("│")[1].strip(): line for line in shown.splitlines() if "│" in line}
    for name, figure in (
        ("elbo", f"{figures['elbo']:.2f} ± {figures['elbo_standard_error']:.2f}"),
        ("distortion", f"{figures['distortion']:.2f}"),
        ("rate", f"{figures['rate']:.2f}"),
        ("baseline", f"{figures['baseline']:.2f}"),
        ("active latents", f"{figures['active_units']} of 2"),
        ("implied beta", "yours is 0.5"),
        ("beta*", f"{figures['collapse_threshold']:.2f}"),
    ):
        assert figure in lines[name]
    beta = f"{figures['implied_beta']:.2f} ± {figures['implied_beta_standard_error']:.2f}"
    assert beta in lines["implied beta"]


def test_other_data_reach_the_library(found, digits_folder):
    calls = found()
    Path("x.npy").touch()
    run("diagnose", digits_folder, "--data", "x.npy")
    ((asked, *options),) = calls
    assert asked.path == digits_folder
    assert options[:4] == ["x.npy", 2000, 0, False]


# ---- other models ----------------------------------------------------------------------


def write_adapter(name, body):
    with open(f"{name}.py", "w") as file:
        file.write(f"import numpy as np\n\ndef adapt(model):\n    {body}\n")


def test_an_adapter_in_this_directory_makes_a_model_known(tmp_path):
    write_adapter(
        "linear_adapter",
        "x = np.load(model); return dict(encode=lambda x: (x[:, :2], 0 * x[:, :2] - 1), "
        "decode=lambda z: np.concatenate([z, z], 1), likelihood='gaussian', data=x)",
    )
    x = np.random.default_rng(0).normal(size=(200, 4)).astype("float32")
    np.save("model.npy", x)
    result = run(
        "diagnose", "model.npy", "--adapter", "linear_adapter:adapt", "--cheap", "--json"
    )  # fmt: skip
    expected = keras_vae.diagnose(
        lambda x: (x[:, :2], 0 * x[:, :2] - 1),
        lambda z: np.concatenate([z, z], 1),
        "gaussian",
        x,
        cheap=True,
    )
    values = json.loads(result.stdout)
    assert values.pop("model") == "model.npy"
    assert values == json.loads(json.dumps(keras_vae.runs.diagnosis_record(expected)))
    shown = run("diagnose", "model.npy", "--adapter", "linear_adapter:adapt", "--cheap").stdout
    assert "yours is" not in shown
    assert "kvae evaluate" not in shown


def test_an_unknown_adapter_is_one_line(tmp_path):
    result = run("diagnose", tmp_path, "--adapter", "no_such_module_here:adapt")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: --adapter no_such_module_here:adapt: no module")
    assert result.stderr.count("\n") == 1


def test_an_adapter_that_raises_keeps_its_traceback(tmp_path):
    write_adapter("raising_adapter", "raise ZeroDivisionError('theirs')")
    result = run("diagnose", tmp_path, "--adapter", "raising_adapter:adapt")
    assert isinstance(result.exception, ZeroDivisionError)
    assert result.exc_info[2].tb_next is not None


def test_a_keras_file_is_diagnosed_with_its_data_and_likelihood(monkeypatch, tmp_path):
    calls = []

    def diagnose_keras_file(*arguments):
        calls.append(arguments)
        return Diagnosis((made("error"),), (), {}, "a protocol")

    monkeypatch.setattr("keras_vae.runs.diagnose_keras_file", diagnose_keras_file)
    Path("a.keras").touch()
    Path("pictures").mkdir()
    given = ("a.keras", "--data", "pictures", "--likelihood", "gaussian", "--cheap")
    given += ("--binarize", "static", "--gray", "--size", "8")
    assert run("diagnose", *given).exit_code == 4
    (arguments,) = calls
    assert [str(argument) for argument in arguments[:3]] == ["a.keras", "pictures", "gaussian"]
    assert arguments[3:6] == (2000, 0, True)
    assert arguments[7] == "static"
    assert arguments[8] == {"size": 8, "gray": True, "alpha": None, "channels": None}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Missing argument 'MODEL'"),
        (("a.keras",), "a.keras does not contain its data: give --data"),
        (("a", "--binarize", "static"), "--binarize is for .keras files"),
        (("a", "--adapter", "a:b", "--data", "digits"), "the function gives the data"),
        (("a", "--gray"), "--gray is for .keras files"),
        (("a", "--likelihood", "gaussian"), "--likelihood is for .keras files"),
        (("a", "--adapter", "a:b", "--likelihood", "gaussian"), "--likelihood is for .keras"),
        (("a", "--examples", "1"), "--examples"),
    ],
)
def test_a_wrong_option_is_one_line(arguments, words):
    result = run("diagnose", *arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_folder_that_is_no_model_is_one_line(tmp_path):
    result = run("diagnose", tmp_path)
    assert result.exit_code == 1
    assert "no config.json" in result.stderr
    assert result.stderr.count("\n") == 1


def test_the_likelihoods_to_choose_from_are_those_of_the_library():
    assert set(LIKELIHOODS) == set(NAMES)


def test_a_likelihood_that_leaves_open_what_the_decoder_outputs_is_told_both_choices():
    result = run("diagnose", "a.keras", "--data", "digits", "--likelihood", "bernoulli")
    assert result.exit_code == 2
    line = result.stderr.strip().splitlines()[-1]
    assert all(word in line for word in ("bernoulli_probabilities", "bernoulli_logits", "sigmoid"))


# ---- kvae fit --------------------------------------------------------------------------

DIGITS = ("fit", "--data", "digits", "--hidden", "64,32")


def test_a_dry_run_says_what_is_known_before_training_and_leaves_nothing(tmp_path):
    result = run(*DIGITS, "--dry-run")
    assert result.exit_code == 0
    assert result.stdout.startswith("this run, before training: healthy\n")
    assert result.stdout.endswith("Next: the same command without --dry-run\n")
    assert list(tmp_path.iterdir()) == []
    figures = json.loads(run(*DIGITS, "--dry-run", "--json").stdout)["figures"]
    told = unwrapped(result.stdout)
    assert f"beta* {figures['collapse_threshold']:.2f} ± " in told
    assert "beta 1 yours" in told
    assert f"baseline {figures['baseline']:.2f}" in told
    assert f"steps {figures['steps']:,}" in told
    assert f"parameters {figures['weights']:,}" in told


def test_a_dry_run_that_finds_an_error_exits_with_4(tmp_path):
    given = ("--beta", "50", "--latent", "3", "--epochs", "70")
    result = run(*DIGITS, *given, "--dry-run", "--json")
    assert result.exit_code == 4
    assert list(tmp_path.iterdir()) == []
    options = {"data": "digits", "hidden": (64, 32), "beta": 50.0, "latent": 3, "epochs": 70}
    plan = keras_vae.runs.dry_run(keras_vae.Config(**options))
    assert json.loads(result.stdout) == json.loads(json.dumps(plan.to_dict()))
    shown = run(*DIGITS, *given, "--dry-run")
    assert shown.exit_code == 4
    assert "error collapse_expected" in unwrapped(shown.stdout)
    assert shown.stdout.endswith("Next: kvae diagnose --explain collapse_expected\n")


def test_a_dry_run_with_warnings_only_exits_with_0():
    result = run(*DIGITS, "--epochs", "1", "--dry-run")
    assert result.exit_code == 0
    assert "warning too_few_steps" in unwrapped(result.stdout)


def test_a_dry_run_says_what_the_run_would_warn_of_and_refuses_what_it_would_refuse():
    result = run(*DIGITS, "--binarize", "none", "--dry-run")
    assert result.exit_code == 4
    assert "neither 0 nor 1" in result.stderr
    result = run("fit", "--data", "missing.npz", "--dry-run")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    result = run(*DIGITS, "--resume", "--dry-run")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)


@pytest.mark.slow
def test_fit_ends_with_what_is_wrong_and_with_the_command_that_says_more(tmp_path, no_pictures):
    result = run(*DIGITS, "--beta", "50", "--epochs", "12")
    assert result.exit_code == 0
    lines = [line for line in result.stderr.splitlines() if "collapsed: " in line]
    assert len(lines) == 1
    assert lines[0].startswith("Warning: collapsed: ")
    assert lines[0].endswith("; kvae diagnose saved_models/vae says more")
    assert result.stdout.endswith("Next: kvae diagnose saved_models/vae\n")
    record = json.loads((tmp_path / "saved_models" / "vae" / "diagnosis.json").read_text())
    assert record["verdict"] == "error"
