import numpy as np
import pytest
from click.testing import CliRunner
from keras_vae_cli.main import kvae


def run(*arguments):
    return CliRunner().invoke(kvae, [str(argument) for argument in arguments])


def test_quiet_writes_the_file_and_prints_nothing(digits_run, loaded, tmp_path):
    told, silent = tmp_path / "told.npz", tmp_path / "silent.npz"
    assert "Next:" in run("encode", digits_run.path, "--output", told).stdout
    done = run("encode", digits_run.path, "--output", silent, "--quiet")
    assert (done.exit_code, done.output) == (0, "")
    np.testing.assert_equal(dict(np.load(silent)), dict(np.load(told)))


def test_quiet_keeps_errors(digits_run, tmp_path):
    done = run("encode", digits_run.path, "--output", tmp_path / "codes.txt", "-q")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "codes.txt" in done.stderr


@pytest.mark.parametrize("both", [("--json", "--quiet"), ("--quiet", "--json")])
def test_one_way_to_print(digits_run, both):
    done = run("export", digits_run.path, *both)
    assert done.exit_code == 2
    assert "--json" in done.stderr
    assert "--quiet" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.slow
def test_training_is_quiet_too(tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr(
        "keras_vae.fit", lambda config, out, name, over, bars, *rest: shown.append(bars)
    )
    for more in ((), ("-q",)):
        run("fit", "--data", "digits", "--out", tmp_path, *more)
    assert [len(bars) for bars in shown] == [1, 0]
