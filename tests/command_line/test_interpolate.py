import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from keras_vae_cli.main import kvae
from PIL import Image

from keras_vae.runs import decode_table, interpolate

pytestmark = pytest.mark.usefixtures("loaded", "tables_loaded")


@pytest.fixture(autouse=True)
def in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(path, *arguments):
    return CliRunner().invoke(kvae, ["interpolate", str(path), *map(str, arguments)])


def test_the_line_is_written_as_numbers_and_as_a_picture(digits_run):
    chosen = ("--from", 3, "--to", 8, "--steps", 5, "--split", "validation")
    done = run(digits_run.path, *chosen, "--output", "line.npz")
    assert done.exit_code == 0, done.output
    assert "5 decoded from example 3 to 8: line.npz" in done.stdout
    expected = interpolate(digits_run, digits_run.load_data(), 3, 8, 5, "validation")
    with np.load("line.npz") as arrays:
        assert set(arrays) == {"z", "mean"}
        np.testing.assert_array_equal(arrays["z"], expected.z)
        np.testing.assert_array_equal(arrays["mean"], expected.mean)
    done = run(digits_run.path, "--from", 3, "--to", 8)
    assert "11 decoded from example 3 to 8: interpolation.png" in done.stdout
    assert f"Next: kvae plot {digits_run.path} --only interpolation" in done.stdout
    with Image.open("interpolation.png") as image:
        assert len(np.unique(np.asarray(image))) > 10


def test_of_a_table_rows_are_written_as_decode_writes_them(table_run):
    done = run(table_run.path, "--from", 0, "--to", 2, "--steps", 4)
    assert done.exit_code == 0, done.output
    found = interpolate(table_run, table_run.load_data(), 0, 2, 4)
    expected = decode_table(table_run, found.mean)
    written = pd.read_csv("interpolation.csv")
    assert list(written) == list(expected)
    np.testing.assert_allclose(written["height"], expected["height"], rtol=1e-6)
    assert written["town"].tolist() == expected["town"].tolist()
    done = run(table_run.path, "--from", 0, "--to", 2, "--output", "rows.png", "--quiet")
    assert (done.exit_code, done.stdout) == (0, "")
    with Image.open("rows.png") as image:
        assert len(np.unique(np.asarray(image))) > 10


def test_a_condition_is_asked_for_where_the_two_differ(told_run):
    done = run(told_run.path, "--from", 0, "--to", 1)
    assert done.exit_code == 1
    assert done.output.count("\n") == 1
    assert "give it, such as --condition member=" in done.stderr
    chosen = ("--condition", "member=yes", "--condition", "income=1e9")
    done = run(told_run.path, "--from", 0, "--to", 1, *chosen)
    assert done.exit_code == 0, done.output
    assert done.stderr.count("income=1e+09") == 1  # far outside of training: said once
    assert (pd.read_csv("interpolation.csv")["member"] == "yes").all()
    done = run(told_run.path, "--from", 1, "--to", 1, "--output", "own.csv")
    assert done.exit_code == 0, done.output
    row = told_run.load_data().test.rows[1]
    member = pd.read_csv(told_run.config.data)["member"][row]
    assert (pd.read_csv("own.csv")["member"] == member).all()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--from", "0"], "Missing option '--to'"),
        (["--from", "-1", "--to", "0"], "not in the range x>=0"),
        (["--from", "0", "--to", "9999"], "--to 9999: the test split has 179 examples"),
        (["--from", "0", "--to", "1", "--steps", "1"], "not in the range x>=2"),
        (["--from", "0", "--to", "1", "--condition", "label=7"], "takes no condition"),
        (["--from", "0", "--to", "1", "--output", "a.gif"], "expected a name that ends in"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(digits_run, tmp_path, arguments, words):
    done = run(digits_run.path, *arguments)
    assert done.exit_code in (1, 2)
    assert done.output.count("\n") == 1
    assert words in done.stderr
    assert list(tmp_path.iterdir()) == []
