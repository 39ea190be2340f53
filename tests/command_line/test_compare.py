import json
import shutil

import numpy as np
import pytest
from click.testing import CliRunner
from keras_vae_cli.main import kvae

from keras_vae.studies import Comparison, Configuration
from keras_vae.studies.comparison import FIGURES


@pytest.fixture(scope="module")
def two(digits_folder, tmp_path_factory):
    """Folders of two models of digits, the second of which is a copy; read only."""
    copy = tmp_path_factory.mktemp("models") / "copy"
    shutil.copytree(digits_folder, copy)
    return [str(digits_folder), str(copy)]


def compare(*arguments):
    return CliRunner().invoke(kvae, ["compare", *map(str, arguments)])


@pytest.fixture(scope="module")
def found(two):
    """What the library says of two models."""
    rng = np.random.default_rng(0)
    each = [
        Configuration(
            (model,), (0,), {"beta": beta}, dict.fromkeys(FIGURES, rng.normal(-30, 3, (1, 50))),
            (2,), 2,
        )
        for model, beta in zip(two, (0.5, 1.0), strict=True)
    ]  # fmt: skip
    return Comparison(tuple(each), "digits", "L_10, a lower bound", 50, ("still rising",))


@pytest.fixture
def once(monkeypatch, found):
    """The command gets that, and leaves here what it asked for."""
    asked = []

    def compare(records, *options):
        asked.append(([str(record.path) for record in records], *options[:-1]))
        return found

    monkeypatch.setattr("keras_vae.compare", compare)
    return asked


OPTIONS = ["--samples", 2, "--examples", 10, "--k", 10, "--seed", 3]


def test_the_table_is_the_default_and_every_option_reaches_the_library(two, once, found):
    result = compare(*two, *OPTIONS, "--split", "validation", "--data", "digits")
    assert result.exit_code == 0, result.output
    assert once == [(two, "digits", "validation", 2, 10, 10, 3)]
    first, second = found.configurations
    for each in (first, second):
        assert f"{each.mean('elbo'):.2f} ± {each.error('elbo'):.2f}" in result.stdout
    assert found.verdicts[0] in result.stdout
    assert f"Protocol: {found.protocol}" in result.stdout


def test_json_and_markdown_are_that_and_nothing_else(two, once, found):
    assert json.loads(compare(*two, "--json").stdout) == json.loads(json.dumps(found.to_dict()))
    assert compare(*two, "--markdown").stdout == found.to_markdown()
    both = compare(*two, "--json", "--markdown")
    assert (both.exit_code, both.stderr.count("\n")) == (2, 1)


def test_what_is_wrong_is_one_line(two, tmp_path):
    for arguments, said in (
        ([two[0], tmp_path / "missing"], "no such model folder"),
        ([two[0]], "expected at least two"),
        ([two[0], two[0]], "given twice"),
        ([*two, "--data", "missing.npz"], "no such file"),
    ):
        result = compare(*arguments)
        assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
        assert said in result.stderr
