"""The processes of a sweep: started, watched, and ended with this one."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

__all__ = ["Child", "work_through"]

COMMAND = (sys.executable, "-m", "keras_vae.studies.child")
TICK = 0.2  # seconds between two looks at them
# Threads that NumPy's libraries take; TensorFlow's are set by the child itself.
OF_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Child:
    """A process that works on one task.

    Args:
        task: what `keras_vae.studies.child` reads, with `threads`, how many it may use.
        log: the file that takes what it writes to stdout and stderr.
    """

    def __init__(self, task: dict[str, Any], log: Path) -> None:
        self.log = log
        environment = {
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "TF_FORCE_GPU_ALLOW_GROWTH": "true",  # several share one GPU
            **dict.fromkeys(OF_THREADS, str(task["threads"])),
            **{name: value for name, value in os.environ.items() if name not in OF_THREADS},
        }
        with open(log, "wb") as file:
            self._process = subprocess.Popen(
                COMMAND, stdin=subprocess.PIPE, stdout=file, stderr=file, env=environment
            )
        assert self._process.stdin is not None  # stays open: the child ends when it is closed
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(task).encode() + b"\n")
            self._process.stdin.flush()

    def wait(self) -> int:
        """Its exit code, once it has ended."""
        return self._process.wait()

    @property
    def has_ended(self) -> bool:
        """Whether it works no more."""
        return self._process.poll() is not None

    @property
    def reason(self) -> str | None:
        """Why it failed, in one line; None if it did not, or works still."""
        code = self._process.poll()
        if not code:
            return None
        if code < 0:
            return f"killed by signal {-code}"
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1].removeprefix("Error: ") if lines else f"ended with exit code {code}"

    def stop(self) -> None:
        """Ends it at once, and waits until it has."""
        self._process.terminate()
        self._process.wait()
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()


def work_through(
    names: Iterable[str],
    start: Callable[[str], Child],
    jobs: int,
    ended: Callable[[str, str | None], object],
    look: Callable[[list[str]], object],
) -> None:
    """Works through tasks, several at once; no process is left, however it ends.

    Args:
        names: of the tasks, in order.
        start: a task's name -> its `Child`.
        jobs: how many at once.
        ended: called with the name of each that has ended, and why it failed or None.
        look: called about every `TICK` with the names of those that run.
    """
    waiting, running = list(names), dict[str, Child]()
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                name = waiting.pop(0)
                running[name] = start(name)
            for name in [name for name, child in running.items() if child.has_ended]:
                child = running.pop(name)
                child.stop()
                ended(name, child.reason)
            look(list(running))
            if running:
                time.sleep(TICK)
    finally:
        for child in running.values():
            child.stop()
