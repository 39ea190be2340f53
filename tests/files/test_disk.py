import os
import subprocess
import sys

import pytest

from keras_vae.errors import RunError
from keras_vae.files import disk
from keras_vae.files.disk import exclusive, sync_tree, whole_file, write_text


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


def test_a_text_is_written_whole_or_the_path_is_told(tmp_path):
    write_text(tmp_path / "a.toml", "ä = 1\n")
    assert (tmp_path / "a.toml").read_bytes() == "ä = 1\n".encode()
    with pytest.raises(RunError, match=r"no.a\.toml"):
        write_text(tmp_path / "no" / "a.toml", "")


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


def test_windows_flushes_files_that_are_open_for_writing_and_no_folder(tmp_path, monkeypatch):
    (tmp_path / "a").write_text("a")
    opened = []
    real = os.open
    monkeypatch.setattr(disk, "IS_WINDOWS", True)
    monkeypatch.setattr(os, "open", lambda *how: opened.append(how) or real(*how))
    sync_tree(tmp_path)
    assert opened == [(tmp_path / "a", os.O_RDWR)]


def test_a_second_process_is_kept_out_until_the_first_ends_even_by_a_kill(tmp_path):
    hold = (
        "import runpy, sys\n"
        "with runpy.run_path(sys.argv[1])['exclusive'](sys.argv[2]):\n"
        "    print('inside', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    lock = tmp_path / "lock"
    process = subprocess.Popen(
        [sys.executable, "-c", hold, disk.__file__, str(lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout.readline() == b"inside\n"
    with pytest.raises(BlockingIOError), exclusive(lock):
        pass
    process.kill()
    process.communicate()
    with exclusive(lock):
        assert lock.exists()
    with exclusive(lock):  # whoever left lets others in
        pass
