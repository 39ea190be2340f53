"""A run's folder: begun under a hidden name, published whole under its own."""

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from keras_vae.aliases import PathLike
from keras_vae.errors import RunError
from keras_vae.export import keep_versions
from keras_vae.files.disk import exclusive, sync, whole_file
from keras_vae.files.formats import with_format
from keras_vae.files.paths import check_place, run_path, unfinished_prefix
from keras_vae.training import CHECKPOINTS, has_checkpoint

__all__ = [
    "begin",
    "discard",
    "locked",
    "missing_folders",
    "publish",
    "unfinished",
    "write_json",
]


def begin(out: PathLike, name: str, overwrite: bool = False) -> Path:
    """Makes the hidden working folder in which the run called `name` is built.

    Args:
        out: folder that holds all runs; made if missing.
        name: of the run: `out/name` is where `publish` puts it.
        overwrite: whether a run that stands there may be replaced.

    Returns:
        `Path` of the working folder, inside `out`, so that publishing is one rename.

    Raises:
        RunError: if the name is not a plain name, the place is taken, or nothing can be written.
    """
    check_place(out, name, overwrite)
    final = run_path(out, name)
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=unfinished_prefix(name), dir=final.parent))
    except OSError as error:
        raise RunError(
            f"{final.parent}: cannot be written ({error.strerror}); choose another place with --out"
        ) from error


def missing_folders(out: PathLike) -> list[Path]:
    """The folder of the runs and those above it that are not there yet, the innermost first."""
    return [path for path in (Path(out), *Path(out).parents) if not os.path.lexists(path)]


def unfinished(out: PathLike, name: str, is_shared: bool = False) -> Path | None:
    """The working folder of a run that was cut short and can go on: the one last written to.

    Args:
        out, name: as for `begin`.
        is_shared: whether another process may be at work in it: the chief of this one.

    Returns:
        `Path`, or None if there is none, or another process is at work in each.
    """
    parent = run_path(out, name).parent
    found = [
        path
        for path in (parent.iterdir() if parent.is_dir() else ())
        if path.name.startswith(unfinished_prefix(name)) and has_checkpoint(path / CHECKPOINTS)
    ]
    for path in sorted(found, key=lambda path: (path / CHECKPOINTS).stat().st_mtime, reverse=True):
        if is_shared:
            return path
        with contextlib.suppress(RunError, PermissionError), locked(path):
            return path
    return None


@contextlib.contextmanager
def locked(working: Path) -> Iterator[None]:
    """Keeps other processes from going on with this run meanwhile; a kill ends it too.

    Raises:
        RunError: if another process is at work in the folder, or has published it.
    """
    lock = _lock(working)
    try:
        with exclusive(lock):
            if not working.is_dir():
                raise RunError(f"{working}: another process has finished this run meanwhile")
            yield
    except BlockingIOError as error:
        raise RunError(f"{working}: another process is training this run; wait for it") from error
    finally:
        if not working.exists():  # published: it is not needed any more
            lock.unlink(missing_ok=True)


def _lock(working: Path) -> Path:
    """The lock of a working folder. It lies beside it: Windows renames no folder in which a file
    is open."""
    return working.with_name(f".lock{working.name}")


def publish(working: Path, final: Path, overwrite: bool = False) -> None:
    """Gives the finished working folder its name; a folder that it replaces is removed only then,
    except the versions that were exported from it.

    Raises:
        RunError: if the place was taken in the meantime.
    """
    check_place(final.parent, final.name, overwrite)
    replaced = None
    if os.path.lexists(final):
        keep_versions(final, working)  # a server may be serving them
        replaced = final.with_name(f".{final.name}-replaced-{os.getpid()}")
        os.rename(final, replaced)
    # mkdtemp gives the folder to its owner alone; a run is an ordinary folder.
    working.chmod(0o755)
    os.rename(working, final)
    sync(final.parent)
    if replaced is not None:
        if replaced.is_symlink():
            replaced.unlink()
        else:
            shutil.rmtree(replaced)


def discard(working: Path, made: Iterable[Path] = ()) -> None:
    """Removes a working folder that will not be published, and of the folders that were made for
    it, the innermost first, those that are empty."""
    shutil.rmtree(working, ignore_errors=True)
    _lock(working).unlink(missing_ok=True)
    for path in made:
        with contextlib.suppress(OSError):  # another run is in it
            path.rmdir()


def write_json(path: PathLike, values: dict[str, Any]) -> None:
    """Writes a dictionary as readable JSON, whole or not at all; NaN and infinity are refused.

    Its format stands in the file, too.
    """
    text = json.dumps(with_format(values), indent=2, allow_nan=False)
    with whole_file(path) as file:
        file.write(f"{text}\n".encode())
