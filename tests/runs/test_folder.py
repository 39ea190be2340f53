import json
import os

import pytest

from keras_vae import RunError
from keras_vae.files.formats import FORMAT
from keras_vae.files.records import read_json
from keras_vae.runs.folder import begin, discard, locked, missing_folders, publish, write_json


def test_a_folder_takes_its_name_only_when_published(tmp_path):
    working = begin(tmp_path / "models", "vae")
    assert working.parent == tmp_path / "models"
    assert working.name.startswith(".")
    (working / "config.json").write_text("{}")
    publish(working, tmp_path / "models" / "vae")
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["vae"]
    assert (tmp_path / "models" / "vae" / "config.json").exists()
    assert (tmp_path / "models" / "vae").stat().st_mode & 0o777 == 0o755


def test_folders_that_were_made_for_a_run_go_with_it_unless_something_is_in_them(tmp_path):
    out = tmp_path / "a" / "b"
    (tmp_path / "a").mkdir()
    made = missing_folders(out / "c")
    discard(begin(out / "c", "vae"), made)
    assert not list((tmp_path / "a").iterdir())
    made = missing_folders(out / "c")
    working = begin(out / "c", "vae")
    (out / "mine").touch()
    discard(working, made)
    assert [path.name for path in out.iterdir()] == ["mine"]


def test_two_runs_of_one_name_do_not_share_a_working_folder(tmp_path):
    first, second = begin(tmp_path, "vae"), begin(tmp_path, "vae")
    assert first != second
    publish(first, tmp_path / "vae")
    with pytest.raises(RunError, match="exists"):
        publish(second, tmp_path / "vae")
    discard(second)
    assert [path.name for path in tmp_path.iterdir()] == ["vae"]


def test_a_replaced_folder_goes_only_when_the_new_one_is_published(tmp_path):
    for text in ("old", "new"):
        working = begin(tmp_path, "vae", overwrite=True)
        (working / "config.json").write_text(text)
        if text == "new":
            assert (tmp_path / "vae" / "config.json").read_text() == "old"
        publish(working, tmp_path / "vae", overwrite=True)
    assert (tmp_path / "vae" / "config.json").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["vae"]


def test_exported_versions_outlive_the_run_that_they_were_made_from(tmp_path):
    for text in ("old", "new"):
        working = begin(tmp_path, "vae", overwrite=True)
        (working / "config.json").write_text(text)
        publish(working, tmp_path / "vae", overwrite=True)
        if text == "old":
            (tmp_path / "vae" / "3").mkdir()
            (tmp_path / "vae" / "3" / "saved_model.pb").write_text("served")
            (tmp_path / "vae" / "plots").mkdir()
    assert (tmp_path / "vae" / "config.json").read_text() == "new"
    assert (tmp_path / "vae" / "3" / "saved_model.pb").read_text() == "served"
    assert not (tmp_path / "vae" / "plots").exists()


def test_a_lock_goes_with_the_folder_that_it_was_for(tmp_path):
    for end in (discard, lambda working: publish(working, tmp_path / "vae")):
        working = begin(tmp_path, "vae")
        with locked(working):
            assert {path.name for path in tmp_path.iterdir()} > {working.name}
            assert list(working.iterdir()) == []  # Windows could not rename it otherwise
            with pytest.raises(RunError, match="another process is training"), locked(working):
                pass
            end(working)
        with pytest.raises(RunError, match="has finished this run"), locked(working):
            pass
        assert not list(tmp_path.glob("*lock*"))


def test_a_folder_that_is_kept_can_be_entered_again(tmp_path):
    working = begin(tmp_path, "vae")
    for _ in range(2):
        with locked(working):
            pass
    discard(working)
    assert list(tmp_path.iterdir()) == []


def test_json_comes_back_and_nan_is_never_written(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, {"a": [1, None, "x"]})
    assert read_json(path) == {"a": [1, None, "x"]}
    with pytest.raises(ValueError, match="JSON"):
        write_json(path, {"a": float("nan")})
    assert read_json(path) == {"a": [1, None, "x"]}
    assert os.listdir(tmp_path) == ["a.json"]
    assert json.loads(path.read_text()) == {"a": [1, None, "x"], "format": FORMAT}
