"""The names of the images in a folder, with the classes and splits that sub-folders give."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from keras_vae.aliases import PathLike
from keras_vae.data.sources.images import IMAGE_SUFFIXES
from keras_vae.data.sources.own_splits import split_of_word
from keras_vae.errors import DataError

__all__ = ["ImageNames"]

SUFFIXES = tuple(map(os.fsencode, IMAGE_SUFFIXES))


class ImageNames:
    """All images below a folder in the order of their names, in one compact array.

    Folders just below it are classes; or, if they are called `train`, `val` (`valid`,
    `validation`) and `test`, they are splits, and the folders below those are classes.

    Args:
        folder: hidden files and folders in it are skipped.

    Attributes:
        class_names: the names of the class folders of the training images, or None.
        own_splits: dict of `"train"`, `"validation"`, `"test"` -> (first, end), the images of
            each split of the folder's own; empty if it has none.
        warnings: of files that are left out.

    Raises:
        DataError: if there are no images, or folders that do not go together.
    """

    def __init__(self, folder: PathLike) -> None:
        self._folder = folder
        # twice over the folder, so that no list of all names is ever built
        longest = count = 0
        self._left_out = 0
        self._few: list[bytes] = []
        classes = set()
        for name in self._names_below(self._note):
            count, longest = count + 1, max(longest, len(name))
            classes.add(b"/".join(name.split(b"/")[:-1][:2]))
        if not count:
            raise DataError(
                f"{folder}: no images in it; expected files ending in {', '.join(IMAGE_SUFFIXES)}"
            )
        tops = {folder.split(b"/")[0] for folder in classes}
        self._depth = 1 if _are_splits(folder, tops) else 0
        try:
            self._names = np.fromiter(self._names_below(), f"S{longest}", count)
        except ValueError as error:  # fewer than before
            raise DataError(
                f"{folder}: images vanished from it; start again when nothing changes it"
            ) from error
        self._names.sort()
        self.own_splits = self._find_splits(tops) if self._depth else {}
        self._check_classes(tops if self._depth else {b""}, classes)
        if self.own_splits:
            train = self._names[self.own_splits["train"][0]].split(b"/")[0]
            classes = {name for name in classes if name.split(b"/")[0] == train}
        found = sorted({self._class_of(name + b"/") for name in classes})
        self._classes = None if found == [b""] else found
        self.class_names = None if self._classes is None else tuple(map(os.fsdecode, found))

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, rows: int | np.integer | np.ndarray) -> Any:
        return self._names[rows]

    def labels(self, rows: np.ndarray) -> np.ndarray | None:
        """The class numbers of the given images, int64 (len(rows),), or None without classes."""
        if self._classes is None:
            return None
        classes = [self._class_of(name) for name in self._names[rows].tolist()]
        if b"" in classes:
            return None
        unknown = sorted(set(classes) - set(self._classes))
        if unknown:
            raise DataError(
                f"{self._folder}: the class {os.fsdecode(unknown[0])!r} does not occur in training"
            )
        return np.searchsorted(self._classes, classes).astype("int64")

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is left out, in one line."""
        if not self._left_out:
            return ()
        few = ", ".join(map(os.fsdecode, self._few))
        return (f"by default, {self._left_out} files of {self._folder} that are not images "
                f"of a known ending are left out ({few})",)  # fmt: skip

    def _find_splits(self, tops: set[bytes]) -> dict[str, tuple[int, int]]:
        """The rows of each split: names that begin alike stand together."""
        return {
            split: tuple(
                np.searchsorted(self._names, [top + b"/", top + b"0"]).tolist()  # "0" follows "/"
            )
            for top in tops
            if (split := split_of_word(os.fsdecode(top)))
        }

    def _check_classes(self, tops: set[bytes], classes: set[bytes]) -> None:
        for top in tops:
            names = [name for name in classes if not top or name.split(b"/")[0] == top]
            found = {self._class_of(name + b"/") for name in names}
            if b"" in found and len(found) > 1:
                raise DataError(
                    f"{os.path.join(self._folder, os.fsdecode(top)).rstrip('/')}: holds images "
                    f"both directly and in class folders; move them to one level"
                )

    def _class_of(self, name: bytes) -> bytes:
        parts = name.split(b"/")[self._depth :]
        return parts[0] if len(parts) > 1 else b""

    def _note(self, name: bytes) -> None:
        """Remembers a file that is left out."""
        self._left_out += 1
        if len(self._few) < 3:
            self._few.append(name)

    def _names_below(
        self, left_out: Callable[[bytes], None] = lambda name: None, below: bytes = b""
    ) -> Iterator[bytes]:
        """The names of all images, relative to the folder, in any order."""
        with os.scandir(os.path.join(os.fsencode(self._folder), below)) as entries:
            for entry in entries:
                name = os.path.join(below, entry.name)
                if entry.name.startswith(b"."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    yield from self._names_below(left_out, name)
                elif not entry.is_file():
                    continue
                elif os.path.splitext(entry.name)[1].lower() in SUFFIXES:
                    yield name
                else:
                    left_out(name)


def _are_splits(folder: PathLike, tops: set[bytes]) -> bool:
    """Whether the folders are splits and not classes; a DataError if some are and some are not."""
    splits = [split_of_word(os.fsdecode(top)) for top in tops]
    named = {split for split in splits if split}
    if not named:
        return False
    found = ", ".join(sorted(os.fsdecode(top) or "images directly in it" for top in tops))
    if None in splits:
        if len(named) == 1:
            return False  # a class that is called train, or test
        raise DataError(
            f"{folder}: holds {found}: some are splits and some are not; keep train, val and test "
            "only, or rename them"
        )
    if "train" not in named or len(named) < len(splits):
        raise DataError(
            f"{folder}: holds {found}; expected one folder train, and at most one for validation "
            f"and one for test"
        )
    return True
