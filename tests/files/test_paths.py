import pytest

from keras_vae import Config, DataError, RunError
from keras_vae.choices import DATA
from keras_vae.data import NAMED
from keras_vae.files import (
    check_data,
    check_exists,
    check_folder,
    check_output,
    check_place,
    is_begun,
)
from keras_vae.runs.folder import begin


def test_the_names_of_data_are_those_that_can_be_loaded():
    assert set(DATA) == set(NAMED)


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        ("mnits", {}, "no such file or folder, .* mnist5k, .*; did you mean mnist\\?"),
        ("no/*.tfrecord", {"stream": True}, "no such file or folder"),
        ("mnist", {"stream": True}, "--stream: mnist is built in"),
        ("mnist", {"reading": {"gray": True}}, "--gray: mnist is not a folder of images"),
        ("x.npy", {"reading": {"size": 8}}, "--size: x.npy is not a folder of images"),
        ("x.npy", {"reading": {"label_column": "y"}}, "--label-column: x.npy is not a table"),
        ("digits", {"reading": {"ignore": ("y",)}}, "--ignore: digits is not a table"),
        ("t.csv", {"stream": True}, "--stream: t.csv is a table"),
        ("digits", {"reading": {"window": 9}}, "--window: digits is not a series"),
        (".", {"reading": {"window": 9}}, "--window: . is not a series"),
        (
            "x.npy",
            {"stream": True, "reading": {"window": 9}},
            "--stream: x.npy is a table or series",
        ),
        ("digits", {"reading": {"condition": ("labels", "age")}}, "--condition age: digits is not"),
    ],
)
def test_what_names_no_data_is_refused_by_its_name(tmp_path, monkeypatch, data, options, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.npy").touch()
    (tmp_path / "t.csv").touch()
    with pytest.raises(DataError, match=message):
        check_data(data, **options)


def test_what_may_be_data_is_left_to_be_read(tmp_path):
    (tmp_path / "x.tfrecord-0").touch()
    images = Config(data=str(tmp_path), gray=True, size=8)
    for name in DATA:
        check_data(name)
    check_data(images.data, stream=True, reading=images.reading)
    check_data(tmp_path / "x.tfrecord*")
    (tmp_path / "t.csv.gz").touch()
    table = Config(data=str(tmp_path / "t.csv.gz"), label_column="y", ignore=("a",), split_by="b")
    check_data(table.data, reading=table.reading)
    (tmp_path / "x.npy").touch()
    series = Config(data=str(tmp_path / "x.npy"), window=9, ignore=("1",))
    check_data(series.data, reading=series.reading)
    check_exists(tmp_path)
    with pytest.raises(RunError, match="no such file or folder"):
        check_exists(tmp_path / "x.keras")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("out.jpg", "ends in .npz, .csv, .tsv or .parquet .numbers. or .png"),
        ("taken.npz", "exists; choose another --output"),
        ("nowhere/out.npz", "no such folder"),
    ],
)
def test_a_bad_output_is_refused_before_any_work(tmp_path, name, message):
    (tmp_path / "taken.npz").write_bytes(b"")
    with pytest.raises(RunError, match=message):
        check_output(tmp_path / name)
    if name == "taken.npz":
        check_output(tmp_path / name, overwrite=True)


def test_the_endings_that_an_output_may_have_can_be_others(tmp_path):
    check_output(tmp_path / "schema.toml", endings=".toml")
    with pytest.raises(RunError, match=r"ends in \.toml"):
        check_output(tmp_path / "schema.csv", endings=".toml")


def test_a_run_gets_a_place_that_is_free_or_one_to_replace(tmp_path):
    for name in ("run", "other"):
        (tmp_path / name).mkdir()
    (tmp_path / "run" / "config.json").touch()
    (tmp_path / "file").touch()
    check_place(tmp_path / "new" / "models", "vae")
    check_place(tmp_path, "run", overwrite=True)
    for out, name, overwrite, message in (
        (tmp_path, "run", False, "run exists; choose another --name"),
        (tmp_path, "other", True, "not a folder that kvae fit made"),
        (tmp_path, "a/b", True, "expected a plain name"),
        (tmp_path, ".hidden", True, "expected a plain name"),
        (tmp_path / "file" / "models", "vae", False, "file is not a folder.; choose another place"),
    ):
        with pytest.raises(RunError, match=message):
            check_place(out, name, overwrite)


def test_a_folder_that_cannot_be_written_is_found_out_before_any_work(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match=r"new: cannot be written .*file is not a folder.; do this"):
        check_folder(tmp_path / "file" / "new", "do this")
    check_folder(tmp_path / "new" / "one", "do this")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]  # and nothing is left of it

    def refuse(dir):
        raise PermissionError(13, "Permission denied") if dir == tmp_path else AssertionError(dir)

    # root may write anywhere: what the system would say
    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    for check, option in (
        (lambda: check_folder(tmp_path / "new", "do this"), "do this"),
        (lambda: check_output(tmp_path / "x.npz"), "choose another --output"),
        (lambda: check_place(tmp_path, "vae"), "choose another place with --out"),
    ):
        with pytest.raises(RunError, match=rf"cannot be written .Permission denied.; {option}$"):
            check()


def test_a_run_is_begun_from_its_working_folder_on(tmp_path):
    assert not is_begun(tmp_path / "none", "vae")
    working = begin(tmp_path, "vae")
    assert [is_begun(tmp_path, name) for name in ("vae", "va")] == [True, False]
    working.rmdir()
    assert not is_begun(tmp_path, "vae")
