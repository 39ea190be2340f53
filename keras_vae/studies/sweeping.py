"""The whole of `kvae sweep`: a plan becomes runs, and these a table and two pictures."""

import contextlib
import json
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joblib import cpu_count

from keras_vae.aliases import PathLike, Tell
from keras_vae.config import Config
from keras_vae.errors import ConfigError, RunError
from keras_vae.files.disk import exclusive, write_text
from keras_vae.files.formats import with_format
from keras_vae.files.paths import unfinished_prefix
from keras_vae.files.records import read_json
from keras_vae.studies.children import Child, work_through
from keras_vae.studies.plan import SWEEP, Plan, check_sweep
from keras_vae.studies.swept import Sweep, is_finished, read_sweep

__all__ = ["Progress", "sweep"]


@dataclass(frozen=True)
class Progress:
    """How far a sweep is.

    Attributes:
        finished, total: numbers of runs.
        running: the names of those that train.
        done: finished epochs of all, as a fraction.
        seconds_left: None before the first epoch has ended.
    """

    finished: int
    total: int
    running: tuple[str, ...]
    done: float
    seconds_left: float | None


def sweep(
    config: Config,
    vary: Mapping[str, Sequence[Any]],
    seeds: int = 1,
    out: PathLike = "saved_models",
    name: str = "sweep",
    jobs: int | None = None,
    k: int = 1000,
    examples: int = 200,
    warn: Tell = warnings.warn,
    progress: Callable[[Progress], object] = lambda progress: None,
) -> Sweep:
    """Trains the product of some values of some options, each with several seeds.

    The folder `out/name` holds a folder for each run, as `fit` leaves it, `sweep.json` (plan and
    table), `sweep.md` and two pictures. Each run has a process of its own: one that crashes is
    told, and the others go on. A sweep that was killed goes on when it is called again with the
    same arguments, and ends with the same table: finished runs stay, others go on from their
    last checkpoint.

    Args:
        config: `Config` that all runs share; its data are a name or a path.
        vary: for the name of each varied option, a field of `Config`, its values.
        seeds: how many for each configuration: `config.seed` and those after it.
        out, name: where.
        jobs: how many runs at once, which share the cores; None: one a core, of a GPU one.
        k, examples: number of samples of the bound L_K, and how many test examples it is of.
        warn: called with each line that says where data and options do not fit well, and with each
            run that fails.
        progress: called several times a second with how far the sweep is.

    Returns:
        `Sweep`.

    Raises:
        ConfigError, DataError, RunError: if a configuration is wrong, before anything is trained;
            if a sweep of other options stands there; if another process is at work on it.
        KeyboardInterrupt: if interrupted; its message says how to go on.
    """
    if not isinstance(config.data, (str, Path)):
        raise ConfigError(
            f"data: a {type(config.data).__name__} in memory; the runs of a sweep are processes of "
            f"their own: write it to a file, such as x.npy, and give its path"
        )
    plan, path = check_sweep(config, vary, seeds, out, name, k, examples)
    jobs_now = min(jobs or cpu_count(), len(plan.runs))
    if not (path / SWEEP).exists():
        checked = _checked(plan)
        for line in checked["warnings"]:
            warn(line)
        path.mkdir(parents=True, exist_ok=True)
        _write(path / SWEEP, {"plan": plan.to_dict(), "checked": checked})
    checked = read_json(path / SWEEP)["checked"]
    if jobs is None and checked["gpus"]:
        jobs_now = 1
    try:
        with exclusive(path / ".lock"):
            failed = _train(plan, path, checked["sha256"], jobs_now, warn, progress)
    except BlockingIOError as error:
        raise RunError(f"{path}: another process is at work on this sweep; wait for it") from error
    except KeyboardInterrupt as stop:
        done = sum(is_finished(path / each) for each in plan.runs)
        raise KeyboardInterrupt(
            f"interrupted; {done} of {len(plan.runs)} runs are finished; the same command goes on"
        ) from stop
    found = read_sweep(path, plan, failed)
    _write(path / SWEEP, {"checked": checked, **found.to_dict()})
    write_text(path / "sweep.md", found.to_markdown())
    if found.rows:
        from keras_vae.studies.pictures import draw_sweep

        draw_sweep(found)
    return found


def _checked(plan: Plan) -> dict[str, Any]:
    """What a process of its own says of all configurations: see `keras_vae.studies.check`."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        task = {"plan": plan.to_dict(), "run": None, "answer": str(answer), "threads": cpu_count()}
        child = Child(task, Path(folder) / "log")
        try:
            child.wait()
        finally:
            child.stop()
        if child.reason is not None:
            raise ConfigError(child.reason)
        return dict(json.loads(answer.read_text(encoding="utf-8")))


def _train(
    plan: Plan,
    path: Path,
    sha256: str,
    jobs: int,
    warn: Tell,
    progress: Callable[[Progress], object],
) -> dict[str, str]:
    """Trains what is not finished; why each run failed that did, by its name."""
    runs = plan.runs
    failed: dict[str, str] = {}
    task = {
        "plan": plan.to_dict(),
        "folder": str(path),
        "sha256": sha256,
        "threads": max(1, cpu_count() // jobs),
    }

    def start(name: str) -> Child:
        return Child({**task, "run": name}, path / f"{name}.log")

    def ended(name: str, reason: str | None) -> None:
        if reason is None:
            (path / f"{name}.log").unlink(missing_ok=True)
            return
        failed[name] = reason
        warn(f"{name} failed: {reason}; {path / name}.log says more, the same command tries again")

    clock = _Clock(path, list(runs))
    waiting = [name for name in runs if not is_finished(path / name)]
    work_through(
        waiting, start, jobs, ended, lambda running: progress(clock.look(running, len(failed)))
    )
    return failed


class _Clock:
    """How far a sweep is, and how long it will take if it goes on as since it was called."""

    def __init__(self, path: Path, names: list[str]) -> None:
        self._path, self._names = path, names
        self._begin, self._before = time.monotonic(), self._done([*names])

    def look(self, running: list[str], failed: int) -> Progress:
        done, total = self._done(running), len(self._names)
        seconds, gained = time.monotonic() - self._begin, done - self._before
        left = max(total - failed - done, 0.0)
        return Progress(
            finished=sum(is_finished(self._path / name) for name in self._names),
            total=total,
            running=tuple(running),
            done=done / total,
            seconds_left=seconds * left / gained if gained > 0 else None,
        )

    def _done(self, running: list[str]) -> float:
        """Runs that are finished, and of those that train the part of their epochs."""
        finished = {name for name in self._names if is_finished(self._path / name)}
        parts = (self._part(name) for name in running if name not in finished)
        return len(finished) + sum(parts)

    def _part(self, name: str) -> float:
        """The share of the epochs that the event log of an unfinished run tells of."""
        logs = list(self._path.glob(f"{unfinished_prefix(name)}*/events.jsonl"))
        epochs, of = 0, 1
        for log in logs[-1:]:
            with contextlib.suppress(OSError, ValueError):  # it moves and grows meanwhile
                for line in log.read_text(encoding="utf-8").splitlines():
                    event = json.loads(line)
                    epochs, of = event.get("epoch", epochs), event.get("epochs", of)
        return epochs / of


def _write(path: Path, values: dict[str, Any]) -> None:
    """As `keras_vae.runs.folder.write_json`, which loads TensorFlow."""
    write_text(path, json.dumps(with_format(values), indent=2, allow_nan=False) + "\n")
