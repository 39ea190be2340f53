"""Files that are complete or absent, even if the process or the machine stops; and locks."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from keras_vae.aliases import PathLike
from keras_vae.errors import RunError

__all__ = ["exclusive", "sync", "sync_tree", "whole_file", "write_text"]

IS_WINDOWS = os.name == "nt"


@contextlib.contextmanager
def whole_file(path: PathLike) -> Iterator[BinaryIO]:
    """A binary file that takes its place at `path` only once it is written to the end.

    Raises:
        OSError: if it cannot be written; nothing is left of it then.
    """
    path = Path(path)
    descriptor, unfinished = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        # mkstemp gives the file to its owner alone; this is an ordinary file.
        os.chmod(unfinished, 0o644)
        os.replace(unfinished, path)
    except BaseException:
        os.unlink(unfinished)
        raise


def write_text(path: PathLike, text: str) -> None:
    """Writes a text file, whole or not at all.

    Raises:
        RunError: if it cannot be written.
    """
    try:
        with whole_file(path) as file:
            file.write(text.encode("utf-8"))
    except OSError as error:
        raise RunError(f"{path}: cannot be written ({error.strerror or error})") from error


def sync_tree(folder: Path) -> None:
    """Waits until a folder and all that it holds are on the disk, not only in its cache."""
    for path in [folder, *folder.rglob("*")]:
        sync(path)


def sync(path: PathLike) -> None:
    """Waits until a file, or the names in a folder, are on the disk."""
    if IS_WINDOWS and os.path.isdir(path):
        return  # Windows opens no folder; NTFS keeps a journal of its names
    # Windows flushes only what is open for writing.
    descriptor = os.open(path, os.O_RDWR if IS_WINDOWS else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def exclusive(path: PathLike) -> Iterator[None]:
    """Excludes other processes from the same file meanwhile; the lock ends with the process, also
    if it is killed.

    Args:
        path: of the lock, a file that is made if missing and left where it is.

    Raises:
        BlockingIOError: if another process holds the lock.
    """
    import filelock  # loads asyncio, which nothing else needs

    lock = filelock.FileLock(path)
    try:
        lock.acquire(blocking=False)
    except filelock.Timeout as error:
        raise BlockingIOError(f"{path}: locked") from error
    try:
        yield
    finally:
        lock.release()
