"""How much of a loop is done, told to whoever shows it: most loops lie far below who could."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import TypeAlias, TypeVar

__all__ = ["showing", "tracked"]

Part = TypeVar("Part")
Show: TypeAlias = Callable[[float], object]


class _Loop:
    def __init__(self, parts: int) -> None:
        self.done, self.parts = 0, parts


class _Loops:
    """The loops that run, the outermost first."""

    def __init__(self, show: Show) -> None:
        self.running: list[_Loop] = []
        self._show, self._most = show, 0.0

    def begin(self, loop: _Loop) -> None:
        if not self.running:
            self._most = 0.0
        self.running.append(loop)
        self._tell()

    def _tell(self) -> None:
        # share = done_1 / n_1 + 1 / n_1 (done_2 / n_2 + 1 / n_2 (...))
        share, width = 0.0, 1.0
        for loop in self.running:
            share += width * loop.done / loop.parts
            width /= loop.parts
        # of two loops in one part, the second does not undo the first
        self._most = max(self._most, share)
        self._show(self._most)

    def go_on(self, loop: _Loop) -> None:
        """A part of `loop` is done, and so are the loops inside of it."""
        loop.done += 1
        if loop in self.running:
            del self.running[self.running.index(loop) + 1 :]
        self._tell()

    def end(self, loop: _Loop) -> None:
        if loop in self.running:  # if not, it has ended with one outside of it
            del self.running[self.running.index(loop) :]


_LOOPS: ContextVar[_Loops | None] = ContextVar("loops", default=None)


@contextlib.contextmanager
def showing(show: Show) -> Iterator[None]:
    """Within this context `show` is called with the share that is done, 0 to 1, of the outermost
    `tracked` loop; it falls back to 0 when another begins."""
    token = _LOOPS.set(_Loops(show))
    try:
        yield
    finally:
        _LOOPS.reset(token)


def tracked(parts: Sequence[Part]) -> Iterator[Part]:
    """The parts, one after the other. Each counts for the same share, and so does each part of a
    loop inside of one."""
    loops = _LOOPS.get()
    if loops is None or not parts:
        yield from parts
        return
    loop = _Loop(len(parts))
    loops.begin(loop)
    try:
        for part in parts:
            yield part
            loops.go_on(loop)
    finally:  # a caller may leave the loop early
        loops.end(loop)
