import errno
import os
import subprocess
import sys
import threading

import pytest

from keras_vae.errors import RunError
from keras_vae.files.versions import check_free, keep_versions, list_versions, publish, unfinished


def make(folder, *names):
    for name in names:
        (folder / name).mkdir(parents=True)
        (folder / name / "saved_model.pb").write_text(name)


def working_folder(folder, content="new"):
    working = unfinished(folder)
    (working / "variables").mkdir()
    (working / "variables" / "data").write_text(content)
    return working


def test_versions_are_what_the_server_reads_as_numbers(tmp_path):
    make(tmp_path, "2", "10", "007", "plots", ".3", "4-unfinished", "1.5", "-6", "\u0663")
    (tmp_path / "config.json").write_text("{}")
    found = list_versions(tmp_path)
    assert list(found) == [2, 7, 10]
    assert found[7].name == "007"


def test_a_working_folder_is_no_version(tmp_path):
    working = unfinished(tmp_path)
    assert working.parent == tmp_path
    assert working.name.startswith(".")
    assert list_versions(tmp_path) == {}


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="file: cannot be written"):
        unfinished(tmp_path / "file")


@pytest.mark.parametrize(
    ("present", "expected"), [([], "1"), (["1"], "2"), (["2", "9"], "10"), (["009"], "10")]
)
def test_the_next_version_is_the_highest_plus_one(tmp_path, present, expected):
    make(tmp_path, *present)
    working = working_folder(tmp_path)
    path = publish(working, tmp_path)
    assert path == tmp_path / expected
    assert (path / "variables" / "data").read_text() == "new"
    assert not working.exists()


def test_a_published_version_can_be_read_by_a_server_of_another_user(tmp_path):
    path = publish(working_folder(tmp_path), tmp_path)
    assert path.stat().st_mode & 0o777 == 0o755


def test_a_number_can_be_chosen(tmp_path):
    make(tmp_path, "3")
    assert publish(working_folder(tmp_path), tmp_path, 2) == tmp_path / "2"
    assert publish(working_folder(tmp_path), tmp_path) == tmp_path / "4"


@pytest.mark.parametrize("taken", ["5", "005"])
def test_a_version_is_never_overwritten(tmp_path, taken):
    make(tmp_path, taken, "8")
    working = working_folder(tmp_path)
    for attempt in (lambda: check_free(tmp_path, 5), lambda: publish(working, tmp_path, 5)):
        with pytest.raises(
            RunError, match=rf"{taken} exists.* leave --version out for the next, 9"
        ):
            attempt()
    assert (tmp_path / taken / "saved_model.pb").read_text() == taken
    assert working.exists()


def test_a_version_that_appears_after_the_look_is_not_overwritten(tmp_path, monkeypatch):
    rename = os.rename

    def slow_rename(source, target):
        if not (tmp_path / "1").exists():  # another export is faster by a moment
            make(tmp_path, "1")
        rename(source, target)

    monkeypatch.setattr(os, "rename", slow_rename)
    assert publish(working_folder(tmp_path), tmp_path) == tmp_path / "2"
    assert (tmp_path / "1" / "saved_model.pb").read_text() == "1"


@pytest.mark.parametrize("number", [errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR])
def test_whatever_a_file_system_calls_a_taken_place_the_next_number_is_tried(
    tmp_path, monkeypatch, number
):
    rename = os.rename

    def refuse_once(source, target):
        if not (tmp_path / "1").exists():
            make(tmp_path, "1")
            raise OSError(number, os.strerror(number))
        rename(source, target)

    monkeypatch.setattr(os, "rename", refuse_once)
    assert publish(working_folder(tmp_path), tmp_path) == tmp_path / "2"


def test_a_chosen_number_that_is_taken_after_the_look_is_refused(tmp_path, monkeypatch):
    rename = os.rename

    def slow_rename(source, target):
        make(tmp_path, "3")
        rename(source, target)

    monkeypatch.setattr(os, "rename", slow_rename)
    with pytest.raises(RunError, match="3 exists"):
        publish(working_folder(tmp_path), tmp_path, 3)
    assert (tmp_path / "3" / "saved_model.pb").read_text() == "3"


def test_other_errors_of_the_file_system_come_through(tmp_path, monkeypatch):
    def refuse(source, target):
        raise PermissionError(1, "not permitted")

    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(PermissionError):
        publish(working_folder(tmp_path), tmp_path)


def test_exports_at_the_same_moment_get_numbers_of_their_own(tmp_path):
    count = 12
    workings = [working_folder(tmp_path, str(number)) for number in range(count)]
    start = threading.Barrier(count)
    paths = []

    def export(working):
        start.wait()
        paths.append(publish(working, tmp_path))

    threads = [threading.Thread(target=export, args=[working]) for working in workings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(int(path.name) for path in paths) == list(range(1, count + 1))
    contents = {(path / "variables" / "data").read_text() for path in paths}
    assert contents == {str(number) for number in range(count)}


def test_everything_is_on_the_disk_before_the_version_has_its_number(tmp_path, monkeypatch):
    synced, fsync, rename = set(), os.fsync, os.rename

    def note(descriptor):
        synced.add(os.path.realpath(f"/proc/self/fd/{descriptor}"))
        fsync(descriptor)

    working = working_folder(tmp_path)
    expected = {str(path) for path in [working, *working.rglob("*")]}

    def check_then_rename(source, target):
        assert expected <= synced
        synced.clear()
        rename(source, target)

    monkeypatch.setattr(os, "fsync", note)
    monkeypatch.setattr(os, "rename", check_then_rename)
    opened = os.listdir("/proc/self/fd")
    publish(working, tmp_path)
    assert os.listdir("/proc/self/fd") == opened
    assert synced == {str(tmp_path)}  # and the number itself, after


def test_what_cannot_be_flushed_is_not_published(tmp_path, monkeypatch):
    def fail(descriptor):
        raise OSError(errno.EIO, "Input/output error")

    working = working_folder(tmp_path)
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="Input/output error"):
        publish(working, tmp_path)
    assert list(tmp_path.iterdir()) == [working]


def test_kept_versions_are_the_same_files_and_outlive_the_old_folder(tmp_path):
    make(tmp_path / "old", "1", "12")
    make(tmp_path / "old", "plots")
    (tmp_path / "old" / "7").write_text("no version, but named like one")
    (tmp_path / "new").mkdir()
    keep_versions(tmp_path / "old", tmp_path / "new")
    assert list(list_versions(tmp_path / "new")) == [1, 12]
    assert not (tmp_path / "new" / "plots").exists()
    first, kept = (tmp_path / name / "1" / "saved_model.pb" for name in ("old", "new"))
    assert first.samefile(kept)
    first.unlink()
    assert kept.read_text() == "1"


def test_versions_are_copied_where_files_cannot_be_linked(tmp_path, monkeypatch):
    make(tmp_path / "old", "1")
    (tmp_path / "new").mkdir()

    def refuse(source, target):
        raise OSError(1, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    keep_versions(tmp_path / "old", tmp_path / "new")
    assert (tmp_path / "new" / "1" / "saved_model.pb").read_text() == "1"


@pytest.mark.slow
def test_a_kill_while_files_are_flushed_leaves_no_version(tmp_path):
    program = (
        "import os, signal, sys\n"
        "from keras_vae.files import versions\n"
        "versions.sync_tree = lambda path: os.kill(os.getpid(), signal.SIGKILL)\n"
        "versions.publish(versions.unfinished(sys.argv[1]), sys.argv[1])\n"
    )
    done = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True)
    assert done.returncode == -9, done.stderr.decode()
    assert list_versions(tmp_path) == {}
    assert len(list(tmp_path.iterdir())) == 1
