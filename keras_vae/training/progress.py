"""A progress bar with the time left: on stderr, or in a notebook below its cell."""

import time
from datetime import timedelta
from typing import Any

import keras
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from keras_vae.aliases import Logs

__all__ = ["ProgressBar"]


class ProgressBar(keras.callbacks.Callback):
    """Shows epochs, time left and the last figures; silent where stderr is neither a terminal nor
    that of a notebook."""

    params: dict[str, Any]

    def __init__(self) -> None:
        super().__init__()
        console = Console(stderr=True)
        self._is_in_notebook = console.is_jupyter
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
        if self._is_in_notebook:
            from IPython.display import display

            self._begun, self._first = time.monotonic(), 0
            self._line = display(_text("training"), raw=True, display_id=True)

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        if self._is_in_notebook and not self._first:
            self._first = epoch + 1  # a training that goes on begins later

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        logs = logs or {}
        shown = [name for name in ("elbo", "val_elbo") if name in logs]
        figures = "  ".join(f"{name} {logs[name]:.2f}" for name in shown)
        self._progress.update(self._task, completed=epoch + 1, figures=figures)
        if self._is_in_notebook:
            epochs = self.params["epochs"]
            pace = (time.monotonic() - self._begun) / (epoch + 2 - self._first)
            left = timedelta(seconds=round(pace * (epochs - epoch - 1)))
            line = f"epoch {epoch + 1}/{epochs}  {left} left  {figures}"
            self._line.update(_text(line), raw=True)

    def on_train_end(self, logs: Logs = None) -> None:
        self.stop()

    def stop(self) -> None:
        """Takes the bar off the screen, however training ended; a notebook keeps the last line."""
        self._progress.stop()


def _text(line: str) -> dict[str, str]:
    """What a notebook shows as it is. Rich itself would need ipywidgets there."""
    return {"text/plain": line}
