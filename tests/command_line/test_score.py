import importlib.util

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from keras_vae_cli.main import kvae
from PIL import Image

from keras_vae import score
from keras_vae.data.sources.h5ad import of_anndata
from keras_vae.data.tables import read_rows

pytestmark = pytest.mark.usefixtures("table_loaded")


@pytest.fixture(autouse=True)
def in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(*arguments):
    return CliRunner().invoke(kvae, list(map(str, arguments)))


def test_each_row_has_its_figures_among_held_out_rows_and_the_least_likely_are_shown(
    table_run, people, tmp_path
):
    lines = people.read_text().splitlines()
    odd = lines[1].split(",")
    odd[1] = "900.0"  # a height
    (tmp_path / "new.csv").write_text("\n".join([lines[0], *lines[1:6], ",".join(odd)]))
    done = run("score", table_run.path, "--data", "new.csv", "--samples", "30")
    assert done.exit_code == 0
    table = pd.read_csv("scores.csv", keep_default_na=False)
    assert table["rank"].tolist()[5] == 1
    assert table["log_evidence"].idxmin() == 5
    usual = table_run.load_data().given("validation")
    given = read_rows("new.csv", table_run.record).given
    expected = score(table_run.vae, given, usual, samples=30, seed=0)
    for name in ("log_evidence", "standard_error", "elbo", "rate", "tail_probability"):
        np.testing.assert_allclose(table[name], getattr(expected, name), rtol=1e-5)
    assert "6 rows: scores.csv" in done.stdout
    # of so few, the least likely has a tail of 0.11
    told = "ranked among 8 reference examples, so that no tail is below 0.11"
    assert told in " ".join(done.stdout.split())
    assert table["unlikely"][5].startswith("height 0.11")


def test_images_are_scored_in_their_order_with_the_pixels_that_make_them_unlikely(digits_run):
    dataset = digits_run.load_data()
    x = np.round(dataset.test.x[:20])
    x[3] = 1 - x[3]
    np.save("new.npy", x)
    done = run("score", digits_run.path, "--data", "new.npy", "--samples", "30")
    assert done.exit_code == 0, done.stderr
    table = pd.read_csv("scores.csv", keep_default_na=False)
    expected = score(digits_run.vae, x, dataset.given("validation"), samples=30, seed=0)
    np.testing.assert_allclose(table["log_evidence"], expected.log_evidence, rtol=1e-5)
    assert table["rank"][3] == 1
    name, tail = table["unlikely"][3].split("; ")[0].split()
    _, line, column, *_ = name.split("_")
    assert float(tail) == pytest.approx(expected.tail_of_entries[3].min(), rel=0.01)
    at = expected.tail_of_entries[3][int(line), int(column)]
    assert at == expected.tail_of_entries[3].min()


def test_rows_are_drawn_encoded_and_scored_one_after_the_other(table_run):
    path = table_run.path
    drawn = run("sample", path, "--count", "7")
    assert drawn.exit_code == 0
    assert drawn.stdout == f"7 rows: samples.csv\nNext: kvae score {path} --data samples.csv\n"
    assert run("score", path, "--data", "samples.csv", "--samples", "5").exit_code == 0
    encoded = run("encode", path, "--data", "samples.csv", "--output", "z.csv")
    assert encoded.exit_code == 0
    codes = pd.read_csv("z.csv")
    assert codes["row"].tolist() == list(range(7))
    assert set(codes["split"]) == {"new"}
    assert np.isfinite(codes.filter(like="z_").to_numpy()).all()


def test_the_order_of_the_columns_changes_nothing(table_run, people):
    frame = pd.read_csv(people, dtype=str, keep_default_na=False)[:9]
    frame.to_csv("a.csv", index=False)
    frame[sorted(frame)].to_csv("b.csv", index=False)
    for command in (["score", "--samples", "5"], ["encode"]):
        written = []
        for name in "ab":
            output = f"{command[0]}_{name}.csv"
            given = ["--data", f"{name}.csv", "--output", output]
            assert run(command[0], table_run.path, *command[1:], *given).exit_code == 0
            with open(output) as file:
                written.append(file.read())
        assert written[0] == written[1]


def test_codes_are_written_by_the_ending_of_their_file(table_run, people):
    given = ["encode", table_run.path, "--data", people, "--output"]
    assert run(*given, "z.npz").exit_code == 0
    with np.load("z.npz") as npz:
        z_mean = npz["z_mean"]
    if importlib.util.find_spec("anndata"):
        assert run(*given, "z.h5ad").exit_code == 0
        with of_anndata() as anndata:
            np.testing.assert_array_equal(anndata.read_h5ad("z.h5ad").obsm["X_kvae"], z_mean)
    read = {".csv": pd.read_csv, ".parquet": pd.read_parquet}
    for ending in (".csv", *([".parquet"] if importlib.util.find_spec("pyarrow") else [])):
        assert run(*given, f"z{ending}").exit_code == 0
        table = read[ending](f"z{ending}")
        np.testing.assert_array_equal(table[["z_mean_0", "z_mean_1"]].astype("float32"), z_mean)
        assert set(table["split"]) == {"new"}


def test_a_file_that_is_not_there_is_one_line_and_leaves_nothing(table_run, tmp_path):
    done = run("score", table_run.path, "--data", "missing.csv")
    assert done.exit_code == 1
    assert "missing.csv: no such file" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_latents_are_decoded_into_rows_of_the_table_or_a_picture_of_them(table_run):
    path = table_run.path
    done = run("decode", path, "--z", "0,0", "--z", "1,-1")
    assert done.stdout.startswith("2 decoded: decoded.csv")
    rows = pd.read_csv("decoded.csv")
    assert list(rows) == ["height", "income", "visits", "town", "member", "day"]
    expected = table_run.vae.decode(np.float32([[0, 0], [1, -1]]))
    np.testing.assert_allclose(rows["height"], expected[:, 0], rtol=1e-5)
    assert set(rows["member"]) <= {"yes", "no"}
    for command in (["decode", path, "--z", "0,0"], ["sample", path], ["reconstruct", path]):
        assert run(*command, "--output", f"{command[0]}.png").exit_code == 0
        with Image.open(f"{command[0]}.png") as image:
            assert len(np.unique(np.asarray(image))) > 10  # not a blank sheet


@pytest.mark.usefixtures("bare_fit", "eager")
def test_windows_of_a_series_are_fitted_scored_and_encoded_by_the_same_names(tmp_path):
    rng = np.random.default_rng(0)
    level = np.sin(np.arange(240) / 5) + 0.1 * rng.normal(size=240)
    days = pd.date_range("2024-01-01", periods=240).strftime("%Y-%m-%d")
    pd.DataFrame({"day": days, "level": level}).to_csv("series.csv", index=False)
    assert run("fit", "--data", "series.csv", "--window", "6").exit_code == 1  # rows in no order
    options = ["--window", "6", "--stride", "3", "--hidden", "4", "--epochs", "1"]
    done = run("fit", "--data", "series.csv", "--split-order", "day", *options)
    assert done.exit_code == 0
    assert "in windows of 6 rows" in done.stdout
    done = run("score", "saved_models/vae", "--data", "series.csv", "--samples", "5")
    assert done.exit_code == 0
    scores = pd.read_csv("scores.csv")
    assert scores["row"].tolist() == list(range(0, 235, 3))
    assert (scores["day"] == days[scores["row"]]).all()
    for data in (["--data", "series.csv"], ["--split", "all"]):
        coded = run("encode", "saved_models/vae", *data, "--output", "z.csv", "--overwrite")
        assert coded.exit_code == 0
        codes = pd.read_csv("z.csv")
        assert set(codes["row"]) <= set(scores["row"])
    assert set(codes["split"]) == {"train", "validation", "test"}
    refused = run("impute", "saved_models/vae", "--data", "series.csv")
    assert refused.exit_code == 1
    assert "windows of a series" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert not (tmp_path / "filled.csv").exists()


def test_a_split_of_a_table_that_is_given_is_refused(table_run, people):
    done = run("encode", table_run.path, "--data", people, "--split", "train")
    assert done.exit_code == 2
    assert "no --split" in done.stderr
