"""Numbered versions in a folder that a server polls: written beside, then renamed.

TensorFlow Serving loads what it finds under a whole number and skips every other name. So a
version is built under a hidden name and gets its number in one rename, when it is complete.
"""

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from keras_vae.aliases import PathLike
from keras_vae.errors import RunError
from keras_vae.files.disk import sync, sync_tree

__all__ = [
    "check_free",
    "find_versions",
    "keep_versions",
    "list_versions",
    "publish",
    "unfinished",
]

PLACE_IS_TAKEN = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR)


def list_versions(folder: PathLike) -> dict[int, Path]:
    """The versions in a folder, by number, ascending: dict of int -> `Path`."""
    # As the server reads names: 007 is 7.
    paths = [path for path in Path(folder).iterdir() if re.fullmatch("[0-9]+", path.name)]
    return {int(path.name): path for path in sorted(paths, key=lambda path: int(path.name))}


def find_versions(path: PathLike) -> list[Path]:
    """The version at a path, or every version in a model's folder.

    Args:
        path: such as `saved_models/vae/1`, or `saved_models/vae`.

    Raises:
        RunError: if there is none.
    """
    path = Path(path)
    if not path.is_dir():
        raise RunError(f"{path}: no such folder; kvae export makes one")
    if path.resolve().name.isdecimal():  # also where the path is .
        return [path]
    found = list_versions(path)
    if not found:
        raise RunError(f"{path}: holds no exported version; kvae export {path} makes one")
    return list(found.values())


def check_free(folder: PathLike, version: int) -> None:
    """Refuses a version number that is taken.

    Raises:
        RunError: with the next that is free.
    """
    taken = list_versions(folder)
    if version in taken:
        raise RunError(
            f"{taken[version]} exists, and a version is never overwritten, because a server may "
            f"be serving it; leave --version out for the next, {_next(taken)}"
        )


def unfinished(folder: PathLike) -> Path:
    """A new hidden working folder inside `folder`, so that publishing is one rename.

    Raises:
        RunError: if nothing can be written there.
    """
    try:
        return Path(tempfile.mkdtemp(prefix=".export-unfinished-", dir=folder))
    except OSError as error:
        raise RunError(f"{folder}: cannot be written ({error.strerror})") from error


def publish(working: Path, folder: PathLike, version: int | None = None) -> Path:
    """Gives a complete working folder its number, in one step, and never one that is taken.

    Args:
        working: from `unfinished`; its files are on the disk before it is renamed.
        folder: the model's folder.
        version: the number; None for the highest so far plus 1, also when other exports publish
            at the same moment.

    Returns:
        `Path` of the version.

    Raises:
        RunError: if `version` is taken.
    """
    # mkdtemp gives the folder to its owner alone; a server may run as somebody else.
    working.chmod(0o755)
    sync_tree(working)
    while True:
        if version is not None:
            check_free(folder, version)
        path = Path(folder) / str(_next(list_versions(folder)) if version is None else version)
        try:
            os.rename(working, path)  # fails where a folder with files has the name already
        except OSError as error:
            if error.errno not in PLACE_IS_TAKEN:
                raise
            continue  # somebody was faster: look again
        sync(folder)
        return path


def keep_versions(old: PathLike, new: Path) -> None:
    """Brings the versions in the folder `old` into `new`, as links to the same files."""
    for path in list_versions(old).values():
        if path.is_dir():
            shutil.copytree(path, new / path.name, copy_function=_link_or_copy)


def _next(taken: Iterable[int]) -> int:
    return max(taken, default=0) + 1


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without links
        shutil.copy2(source, target)
