"""Checkpoints from which a killed training continues as if it had not been killed."""

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_vae.aliases import Logs, PathLike
from keras_vae.data import StreamBatches, TrainingBatches
from keras_vae.errors import RunError
from keras_vae.files.disk import sync, sync_tree, whole_file
from keras_vae.files.formats import load_json, with_format
from keras_vae.training.best_checkpoint import trained_variables

__all__ = ["CHECKPOINTS", "Checkpoint", "has_checkpoint"]

CHECKPOINTS = "checkpoints"  # their folder, within a run's

KEPT = 2  # a torn one is never the only one
PREFIX = "at-"
BLOCK_BYTES = 2**20  # of a file, at once
STATE = {"epoch", "step", "history", "seconds", "files", "remembered"}


def has_checkpoint(folder: PathLike) -> bool:
    """Whether a folder of checkpoints holds one."""
    return bool(_checkpoints(Path(folder)))


class Checkpoint(keras.callbacks.Callback):
    """Saves all that training depends on after each epoch, and goes on from there.

    That is: weights, optimizer with its loss scale, random state, place in the data, reported
    means, history, files, and attributes of other callbacks. Each checkpoint is a folder that
    gets its name when it is complete and on the disk; the last two are kept. It must be the last
    of the callbacks, so that it sees what the others made of the epoch.

    Args:
        folder: of the checkpoints; made if missing.
        batches: the `TrainingBatches` that `fit` is given.
        every: also save after every so many steps within an epoch; None: only after epochs.
        files: paths of files that belong to the state (a missing one too).
        remembers: pairs (callback, names of its attributes that belong to the state).
        saves: whether anything is saved; else history and seconds are all that is kept.

    Attributes:
        history: what each complete epoch reported, by name.
        seconds: of training up to now, in all processes that had a part in it.
    """

    params: dict[str, Any]

    def __init__(
        self,
        folder: PathLike,
        batches: TrainingBatches | StreamBatches,
        every: int | None = None,
        files: Sequence[PathLike] = (),
        remembers: Sequence[tuple[keras.callbacks.Callback, Sequence[str]]] = (),
        saves: bool = True,
    ) -> None:
        super().__init__()
        self.folder = Path(folder)
        self.batches = batches
        self.every = every
        self.files = [Path(path) for path in files]
        self.remembers = remembers
        self.saves = saves
        self.history: dict[str, list[float]] = {}
        self._resumed: tuple[dict[str, Any], list[np.ndarray]] | None = None
        self._of_last_step: tuple[np.ndarray, ...] | None = None
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._start

    # ---- going on ----------------------------------------------------------------------

    def restore(self, folder: PathLike | None = None) -> int:
        """Takes the files back to the last readable checkpoint; the rest follows in `fit`.

        Args:
            folder: of the checkpoints; `self.folder` if None.

        Returns:
            The epoch with which to go on, for `fit(initial_epoch=...)`; 0 without a checkpoint.

        Raises:
            RunError: if there are checkpoints and none is readable, or one is of a format that
                this version does not read.
        """
        folder = Path(folder or self.folder)
        found = _checkpoints(folder)
        for path in reversed(found):
            try:
                state = load_json(path / "state.json")
                with open(path / "variables.npz", "rb") as stored, np.load(stored) as arrays:
                    values = [arrays[f"arr_{k}"] for k in range(len(arrays.files))]
                of_last_step = values[state.get("variables", len(values)) :]
                values = values[: len(values) - len(of_last_step)]
                if any(_digest(path / name) != digest for name, digest in state["files"].items()):
                    continue
                if not state.keys() >= STATE:
                    continue
            except RunError:  # of another format: no damage
                raise
            except Exception:  # a damaged file ends in errors of many kinds
                continue
            for file in self.files:
                _bring_back(path / file.name, file)
            self._resumed = state, values
            self._of_last_step = tuple(of_last_step) or None
            self.history = state["history"]
            self._start -= state["seconds"]
            return state["epoch"]
        if found:
            raise RunError(
                f"{folder}: no checkpoint is readable, so there is nothing to go on from; "
                f"train again without --resume"
            )
        return 0

    def on_train_begin(self, logs: Logs = None) -> None:
        if self._resumed is None:
            return
        state, values = self._resumed
        variables = self._variables()
        if [tuple(v.shape) for v in variables] != [value.shape for value in values]:
            raise RunError(
                f"{self.folder}: the checkpoint is of another model; train again without --resume"
            )
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
        self.model.weights_of_last_step = self._of_last_step
        for (callback, names), remembered in zip(self.remembers, state["remembered"], strict=True):
            for name in names:
                setattr(callback, name, remembered[name])

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._epoch, self._last_save = epoch, 0
        if self._resumed is not None and self._resumed[0]["step"] > 0:
            state, values = self._resumed
            self.batches.begin(epoch, state["step"])
            self._last_save = state["step"]
            # Keras has just reset the means of the epoch that was cut short.
            for variable, value in zip(self._variables(), values, strict=True):
                variable.assign(value)
        self._resumed = None

    # ---- saving ------------------------------------------------------------------------

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        step = int(self.batches.step)
        if self.every and step - self._last_save >= self.every and step < self.batches.steps:
            self._last_save = step
            self._save(self._epoch, step)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        for name, value in logs.items():
            self.history.setdefault(name, []).append(float(value))
        # Stopped early, it has no epoch to go on with.
        self._save(self.params["epochs"] if self.model.stop_training else epoch + 1, 0)

    def _variables(self) -> list[Any]:
        means = (variable for metric in self.model.metrics for variable in metric.variables)
        return [*trained_variables(self.model), *means]

    def _save(self, epoch: int, step: int) -> None:
        if not self.saves:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=self.folder))
        try:
            values = [np.asarray(variable.numpy()) for variable in self._variables()]
            of_last_step = self.model.weights_of_last_step or ()  # where the others are averages
            np.savez(unfinished / "variables.npz", *values, *of_last_step)
            copies = [
                shutil.copyfile(file, unfinished / file.name)
                for file in self.files
                if file.exists()
            ]
            remembered = [
                {name: getattr(callback, name) for name in names}
                for callback, names in self.remembers
            ]
            state = {
                "epoch": epoch,
                "step": step,
                "history": self.history,
                "seconds": self.seconds,
                "variables": len(values),
                "files": {copy.name: _digest(copy) for copy in copies},
                "remembered": remembered,
            }
            text = json.dumps(with_format(state), default=float)
            (unfinished / "state.json").write_text(text)
            sync_tree(unfinished)
            # The number of the save keeps the order, whatever the clock says.
            number = 1 + max([_number(path) for path in _checkpoints(self.folder)], default=0)
            os.rename(unfinished, self.folder / f"{PREFIX}{number:08d}")
            sync(self.folder)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        for path in _checkpoints(self.folder)[:-KEPT]:
            shutil.rmtree(path)


def _checkpoints(folder: Path) -> list[Path]:
    """The complete checkpoints, the last one last."""
    return sorted(folder.glob(f"{PREFIX}*"), key=_number)


def _number(path: Path) -> int:
    return int(path.name.removeprefix(PREFIX))


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(BLOCK_BYTES):  # hashlib.file_digest is Python 3.11's
            digest.update(block)
    return digest.hexdigest()


def _bring_back(copy: Path, file: Path) -> None:
    """Makes a file what its copy is, or takes it away if there is no copy."""
    if not copy.exists():
        file.unlink(missing_ok=True)
        return
    with whole_file(file) as target, open(copy, "rb") as source:
        shutil.copyfileobj(source, target)
