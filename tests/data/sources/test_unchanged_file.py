import contextlib
import io
import os

import pytest

from keras_vae.data.sources.unchanged_file import UnchangedFile
from keras_vae.errors import DataError


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(bytes(range(100)))
    return path


def read(file, size, offset):
    buffer = bytearray(size)
    with file.opened() as read_into:
        read_into(buffer, offset)
    return bytes(buffer)


def test_any_part_of_a_file_can_be_read(path):
    file = UnchangedFile(path)
    assert file.size == 100
    assert read(file, 10, 0) == bytes(range(10))
    assert read(file, 30, 70) == bytes(range(70, 100))
    assert read(file, 0, 50) == b""


def test_a_part_that_comes_in_small_pieces_is_put_together(path, monkeypatch):
    class Slow(io.FileIO):
        def readinto(self, buffer):
            return super().readinto(buffer[:7])

    def slow(path, mode, buffering):
        return Slow(path, mode)

    monkeypatch.setattr("builtins.open", slow)
    assert read(UnchangedFile(path), 40, 5) == bytes(range(5, 45))


def test_a_part_beyond_the_end_is_refused(path):
    with pytest.raises(DataError, match=rf"{path}: cut short at byte 100; copy or download"):
        read(UnchangedFile(path), 30, 90)


@pytest.mark.parametrize("content", [b"short", bytes(100)])
def test_a_file_that_was_written_since_is_refused(path, content):
    file = UnchangedFile(path)
    path.write_bytes(content)
    os.utime(path, ns=(1, 1))
    with pytest.raises(DataError, match="changed since it was opened"):
        read(file, 5, 0)


def test_a_file_of_another_size_is_refused_whatever_its_time(path):
    file, time = UnchangedFile(path), path.stat().st_mtime_ns
    path.write_bytes(bytes(99))
    os.utime(path, ns=(time, time))
    with pytest.raises(DataError, match="changed since it was opened"):
        read(file, 5, 0)


def test_a_file_that_is_gone_is_refused_by_name(path):
    file = UnchangedFile(path)
    path.unlink()
    with pytest.raises(DataError, match=rf"{path}: cannot be read \(No such file or directory\)"):
        read(file, 5, 0)
    with pytest.raises(DataError, match="cannot be read"):
        UnchangedFile(path)


def test_no_file_stays_open(path):
    file = UnchangedFile(path)
    before = len(os.listdir("/proc/self/fd"))
    for offset in (0, 99):
        with contextlib.suppress(DataError):
            read(file, 5, offset)
    assert len(os.listdir("/proc/self/fd")) == before
