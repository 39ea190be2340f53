"""A progress bar with the time left, on stderr."""

from typing import Any

import keras
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from keras_vae.aliases import Logs

__all__ = ["ProgressBar"]


class ProgressBar(keras.callbacks.Callback):
    """Shows epochs, time left and the last figures on stderr; silent where that is no terminal."""

    params: dict[str, Any]

    def __init__(self) -> None:
        super().__init__()
        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("epoch"),
            MofNCompleteColumn(),
            BarColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[figures]}"),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )

    def on_train_begin(self, logs: Logs = None) -> None:
        self._task = self._progress.add_task("", total=self.params["epochs"], figures="")
        self._progress.start()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        logs = logs or {}
        shown = [name for name in ("elbo", "val_elbo") if name in logs]
        figures = "  ".join(f"{name} {logs[name]:.2f}" for name in shown)
        self._progress.update(self._task, completed=epoch + 1, figures=figures)

    def on_train_end(self, logs: Logs = None) -> None:
        self.stop()

    def stop(self) -> None:
        """Takes the bar off the screen, however training ended."""
        self._progress.stop()
