import json

import pytest
from click.testing import CliRunner
from keras_vae_cli.explain import NAMES
from keras_vae_cli.main import kvae

from keras_vae.explanations import QUESTIONS


def run(*words):
    result = CliRunner().invoke(kvae, ["explain", *map(str, words)], catch_exceptions=False)
    return result


def test_the_names_of_the_help_are_those_of_the_library():
    assert tuple(QUESTIONS) == NAMES
    words = run("--help").stdout.split()
    assert {name for name in NAMES if name in [word.strip(".,;") for word in words]} == {*NAMES}
    listed = [line.split()[0] for line in run("--list").stdout.splitlines()]
    assert tuple(listed) == NAMES


def test_answers_fit_into_80_columns_and_pictures_are_named(digits_folder, tmp_path):
    result = run(digits_folder, "prior", "formula", "--output-dir", tmp_path / "p")
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80 + len(str(tmp_path))
    assert max(len(line) for line in result.stdout.splitlines() if str(tmp_path) not in line) <= 79
    assert [line for line in result.stdout.splitlines() if line.startswith("Picture: ")] == [
        f"Picture: {tmp_path / 'p' / name}" for name in ("prior.png", "formula.png")
    ]
    assert "\x1b" not in result.stdout


def test_json_holds_numbers_and_text(digits_folder):
    told = json.loads(run(digits_folder, "classes", "--json").stdout)
    (answer,) = told["answers"]
    assert answer["name"] == "classes"
    assert answer["numbers"]["rate_alone"] == pytest.approx(answer["numbers"]["rate_in_batch"])
    assert answer["picture"] is None


def test_what_is_wrong_is_said_in_one_line(digits_folder):
    for words, found in (
        (("missing", "prior"), "no such model folder"),
        ((digits_folder, "who"), "'who' is not one of"),
        ((digits_folder, "prior", "--example", "100000"), "example 100000: the test split"),
    ):
        result = run(*words)
        assert result.exit_code != 0
        assert found in result.stderr
        assert result.stderr.count("\n") == 1
