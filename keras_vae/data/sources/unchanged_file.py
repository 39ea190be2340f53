"""A file that is read piece by piece while training goes on, and must stay as it was."""

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import TypeAlias

from keras_vae.aliases import PathLike
from keras_vae.errors import DataError

__all__ = ["ReadInto", "UnchangedFile"]

# (writable buffer, offset of the first byte)
ReadInto: TypeAlias = Callable[[memoryview | bytearray, int], None]


class UnchangedFile:
    """A file as it was when it was first looked at.

    Read without a buffer and never mapped: the pages of a mapped file count as resident memory.

    Args:
        path: an existing file.

    Attributes:
        path: as given.
        size: bytes.
    """

    def __init__(self, path: PathLike) -> None:
        self.path = path
        with self._translated():
            self.size, self._changed = _state(os.stat(path))

    @contextlib.contextmanager
    def opened(self) -> Iterator[ReadInto]:
        """Gives a function `read_into(buffer, offset)` that fills a writable buffer.

        Raises:
            DataError: if the file is gone, was changed, or ends too early.
        """
        with self._translated():
            opened = open(self.path, "rb", buffering=0)  # noqa: SIM115
        with opened as file:
            if _state(os.fstat(file.fileno())) != (self.size, self._changed):
                raise DataError(
                    f"{self.path}: changed since it was opened; start again, and do not change the "
                    "data during training"
                )

            def read_into(buffer: memoryview | bytearray, offset: int) -> None:
                missing = memoryview(buffer).cast("B")
                file.seek(offset)
                while len(missing):
                    with self._translated():
                        count = file.readinto(missing)
                    if count == 0:
                        raise DataError(
                            f"{self.path}: cut short at byte {offset}; copy or download it again"
                        )
                    missing, offset = missing[count:], offset + count

            yield read_into

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise DataError(
                f"{self.path}: cannot be read ({error.strerror}); put it back, or repair the disk, "
                "and start again"
            ) from error


def _state(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns
