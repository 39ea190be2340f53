"""What a command says on a terminal while it computes."""

import contextlib

import pytest
from click.testing import CliRunner
from keras_vae_cli import terminal
from keras_vae_cli.main import kvae

from keras_vae.progress import showing

pytestmark = pytest.mark.usefixtures("table_loaded")


@pytest.fixture
def told(monkeypatch, tmp_path):
    """The names of what is computed, and the shares of each loop that were told."""
    names, shares = [], []

    @contextlib.contextmanager
    def stages(first):
        names.append(first)
        with showing(shares.append):
            yield names.append

    monkeypatch.setattr(terminal, "stages", stages)
    monkeypatch.chdir(tmp_path)
    return names, shares


def run(*arguments):
    done = CliRunner().invoke(kvae, list(map(str, arguments)))
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("score", "--data", "DATA", "--samples", "2"), "log p(x)"),
        (("impute", "--data", "DATA", "--samples", "2"), "gaps"),
        (("encode",), "q(z|x)"),
        (("encode", "--data", "DATA"), "q(z|x)"),
        (("sample", "--count", "3"), "rows"),
        (("sample", "--count", "3", "--output", "x.npz"), "examples"),
        (("decode", "--z", "0,0"), "examples"),
        (("plot", "--only", "samples", "--output-dir", "here"), "pictures"),
    ],
)
def test_a_command_tells_what_it_computes_and_how_much_of_it_is_done(
    told, table_run, people, arguments, name
):
    command, *options = [str(people) if word == "DATA" else word for word in arguments]
    run(command, table_run.path, *options)
    names, shares = told
    assert names == [name]
    assert shares[0] == 0.0
    assert shares[-1] == 1.0


def test_reconstructions_are_named(told, table_run):
    run("reconstruct", table_run.path)
    names, _ = told
    assert names == ["examples"]
