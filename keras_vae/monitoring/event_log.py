"""A log of the training for machines."""

import json
import math
import os
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from keras_vae.aliases import Logs, PathLike
from keras_vae.errors import RunError
from keras_vae.files.formats import FORMAT
from keras_vae.files.packages import package_versions

__all__ = ["EventLog"]

# What every line begins with.
HEAD = b'{"event": "'


class EventLog(keras.callbacks.Callback):
    """Appends one JSON object a line to a file, for each event of a training.

    Every line has `event` and `time` (UTC, ISO 8601). Strict JSON: NaN and infinity are null.

    - `train_begin`: `format` of the lines up to the next one, `epochs`, `steps` of an epoch (null
      if unknown), `versions` of the packages, `devices`.
    - `epoch_end`: `epoch` from 1, `seconds` that it took with validation and the callbacks before
      this one, `examples_per_second` if `examples` is known, and `logs`, every figure by name.
    - `train_end`: `epoch`, the last one that ended (0 if none did). Missing if training was cut
      short.

    Each line is on the disk, whole, when its event is over. A line without an end, which only a
    crash of the machine or a full disk can leave, is dropped when the next training begins, so
    that all lines of the file can be read.

    List it after the callbacks that add to `logs`.

    Args:
        path: the file; a resumed training goes on in it. Its folder must exist.
        examples: number of training examples in an epoch, which a callback cannot get from Keras;
            None: unknown.

    Raises:
        RunError: from `fit`, if the file cannot be written or is not an event log.
    """

    params: dict[str, Any]

    def __init__(self, path: PathLike, examples: int | None = None) -> None:
        super().__init__()
        self.path, self.examples = Path(path), examples
        self._epoch = 0

    def on_train_begin(self, logs: Logs = None) -> None:
        self._drop_torn_line()
        self._epoch = 0
        self._append(
            "train_begin",
            format=FORMAT,
            epochs=self.params["epochs"],
            steps=self.params["steps"],
            versions=package_versions(),
            devices=_devices(),
        )

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._begin = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self._epoch = epoch + 1
        seconds = time.perf_counter() - self._begin
        speed = {} if self.examples is None else {"examples_per_second": self.examples / seconds}
        figures = {name: _finite(value) for name, value in logs.items()}
        self._append("epoch_end", epoch=self._epoch, seconds=seconds, **speed, logs=figures)

    def on_train_end(self, logs: Logs = None) -> None:
        self._append("train_end", epoch=self._epoch)

    def _append(self, event: str, **values: Any) -> None:
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        line = json.dumps({"event": event, "time": now, **values}, allow_nan=False) + "\n"
        try:
            # Opened again for each line: a training that is cut short leaves nothing open.
            with open(self.path, "ab") as file:
                file.write(line.encode())
                file.flush()
                os.fsync(file.fileno())
        except FileNotFoundError as error:
            raise RunError(
                f"{self.path}: the folder {self.path.parent} does not exist; create it first"
            ) from error
        except OSError as error:
            raise RunError(
                f"{self.path}: cannot be written ({error.strerror}); choose another place"
            ) from error

    def _drop_torn_line(self) -> None:
        if not self.path.is_file():
            return
        content = self.path.read_bytes()
        if content[: len(HEAD)] != HEAD[: len(content)]:
            raise RunError(f"{self.path} exists and is not an event log; choose another place")
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.truncate(self.path, whole)


def _finite(value: Any) -> float | None:
    """`value` as a float that JSON can hold, None if it is none."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _devices() -> list[str]:
    """What computes: the model of each GPU, the plain name of anything else."""
    devices = tf.config.list_physical_devices()
    details = [tf.config.experimental.get_device_details(device) for device in devices]
    return [
        detail.get("device_name", device.name.removeprefix("/physical_device:"))
        for device, detail in zip(devices, details, strict=True)
    ]
