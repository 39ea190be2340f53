import subprocess

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner
from keras_vae_cli import candidates
from keras_vae_cli.main import kvae

from keras_vae.choices import DATA
from keras_vae.files.paths import MARKER


def offered(*words, at=""):
    """(kind, value) of what TAB offers after these words, with `at` begun."""
    asked = ShellComplete(kvae, {}, "kvae", "_KVAE_COMPLETE")
    return [(item.type, item.value) for item in asked.get_completions(list(words), at)]


@pytest.fixture
def models(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("saved_models/first", "saved_models/second", "alone"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / MARKER).touch()
    (tmp_path / "saved_models" / "no_model").mkdir()


def test_tab_offers_commands_and_the_values_of_options():
    assert ("plain", "evaluate") in offered(at="ev")
    assert offered("fit", "--network", at="c") == [("plain", "conv")]


@pytest.mark.parametrize(
    ("begun", "expected"),
    [
        ("", ["alone", "saved_models/first", "saved_models/second"]),
        ("saved_m", ["saved_models/first", "saved_models/second"]),
        ("saved_models/se", ["saved_models/second"]),
        ("[", [("dir", "[")]),  # no pattern of the shell's
    ],
)
def test_tab_offers_the_folders_of_models(models, begun, expected):
    found = offered("diagnose", at=begun)
    assert found == [each if isinstance(each, tuple) else ("plain", each) for each in expected]


def test_tab_offers_the_names_of_data_and_files():
    assert offered("fit", "--data", at="mnist") == [("plain", "mnist5k"), ("plain", "mnist")]
    assert offered("fit", "--data", at="people") == [("file", "people")]


def test_the_names_are_those_of_the_package():
    assert set(candidates.DATA) == set(DATA)
    assert candidates.MARKER == MARKER


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_the_shells_own_and_asks_kvae(shell):
    script = CliRunner().invoke(kvae, ["completion", shell]).stdout
    assert f"_KVAE_COMPLETE={shell}_complete" in script


def test_bash_takes_the_script():
    script = CliRunner().invoke(kvae, ["completion", "bash"]).stdout
    asked = f"{script}\ncomplete -p kvae"
    done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=True)
    assert "-F _kvae_completion" in done.stdout
    assert done.stderr == ""
