import pandas as pd
import pytest
from click.testing import CliRunner
from keras_vae_cli.main import kvae

pytestmark = pytest.mark.usefixtures("table_loaded")


@pytest.fixture(autouse=True)
def in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def impute(*arguments):
    return CliRunner().invoke(kvae, ["impute", *map(str, arguments)])


def test_only_the_gaps_of_the_file_change_and_each_is_told_with_its_interval(table_run, people):
    wanted = ["--samples", "20", "--output", "f.csv", "--intervals", "i.csv"]
    done = impute(table_run.path, "--data", people, *wanted)
    assert done.exit_code == 0
    before, after = (
        pd.read_csv(path, dtype=str, keep_default_na=False) for path in (people, "f.csv")
    )
    gaps = (before == "").to_numpy()
    pd.testing.assert_frame_equal(before.mask(gaps, "."), after.mask(gaps, "."))
    assert not (after == "").any(axis=None)
    assert len(pd.read_csv("i.csv")) == gaps.sum()
    assert f"{gaps.sum()} gaps in 80 rows filled in: f.csv" in done.stdout
    assert "K = 20 samples" in done.stdout
    assert done.stdout.endswith(f"Next: kvae score {table_run.path} --data f.csv\n")


ROW = "height,income,visits,town,member,day\n170.1,9000,3,Ulm,yes,2020-01-02\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "new.csv: is empty"),
        (ROW.splitlines()[0] + "\n", "new.csv: has 0 rows"),
        (ROW.replace("town,", "").replace("Ulm,", ""), "column 'town' is missing"),
        (
            ROW.replace("height", "size"),
            "column 'height' is missing and column 'size' is",
        ),
        (ROW.replace("Ulm", "Rom"), "column 'town': row 0 holds 'Rom', which is not one of its 3"),
        (ROW.replace("9000", "-1"), "column 'income': row 0 holds '-1', expected a number above 0"),
        (ROW.replace(",3,", ",2.5,"), "column 'visits': row 0 holds '2.5', expected a whole"),
        (ROW.replace("170.1", "tall"), "column 'height': row 0 holds 'tall', expected a number"),
        (ROW.replace("2020-01-02", "soon"), "column 'day': row 0 holds 'soon', expected a date"),
    ],
)
def test_rows_that_do_not_fit_are_one_line_and_leave_nothing(table_run, tmp_path, text, words):
    (tmp_path / "new.csv").write_text(text)
    done = impute(table_run.path, "--data", "new.csv", "--output", "f.csv")
    assert done.exit_code == 1
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["new.csv"]


def test_one_row_in_another_order_and_without_a_gap_stays_as_it_is(table_run, tmp_path):
    text = "town,day,member,visits,income,height\nUlm,2020-01-02,yes,03,9e3,170.10\n"
    (tmp_path / "new.csv").write_text(text)
    done = impute(table_run.path, "--data", "new.csv", "--output", "f.csv", "--samples", "9")
    assert done.exit_code == 0
    assert (tmp_path / "f.csv").read_text() == text


def test_a_model_of_other_data_is_refused(digits_folder, people):
    done = impute(digits_folder, "--data", people)
    assert done.exit_code == 1
    assert "trained on digits, which is not a table" in done.stderr
