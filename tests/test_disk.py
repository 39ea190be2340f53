import os

import pytest

from keras_vae.disk import sync_tree, whole_file


def test_a_file_cut_short_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"whole")

    def cut_short():
        with whole_file(path) as file:
            file.write(b"hal")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cut_short()
    assert path.read_bytes() == b"whole"
    assert os.listdir(tmp_path) == ["a.bin"]


def test_a_whole_file_can_be_read_by_all(tmp_path):
    with whole_file(tmp_path / "a.bin") as file:
        file.write(b"whole")
    assert (tmp_path / "a.bin").read_bytes() == b"whole"
    assert (tmp_path / "a.bin").stat().st_mode & 0o777 == 0o644


def test_every_file_and_folder_of_a_tree_is_flushed(tmp_path, monkeypatch):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c").write_text("c")
    flushed = []
    monkeypatch.setattr(os, "fsync", lambda fd: flushed.append(os.readlink(f"/proc/self/fd/{fd}")))
    sync_tree(tmp_path)
    parts = ("", "a", "a/b", "a/b/c")
    assert sorted(flushed) == [str(tmp_path / part).rstrip("/") for part in parts]
