"""Files that are whole or not there, whatever stops the process or the machine."""

import contextlib
import os
import tempfile
from pathlib import Path

__all__ = ["sync", "sync_tree", "whole_file"]


@contextlib.contextmanager
def whole_file(path):
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


def sync_tree(folder):
    """Waits until a folder and all that it holds are on the disk, not only in its cache."""
    for path in [folder, *folder.rglob("*")]:
        sync(path)


def sync(path):
    """Waits until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
