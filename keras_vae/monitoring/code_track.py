"""Where the encoder puts some examples, epoch by epoch."""

from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_vae.aliases import Logs, PathLike
from keras_vae.files.disk import whole_file
from keras_vae.monitoring.epochs import checked_every, is_due

__all__ = ["CodeTrack"]


class CodeTrack(keras.callbacks.Callback):
    """Keeps z_mean of fixed examples before training and at the end of epochs, in a `.npz`.

    The file holds `epochs`, int32 (E,), 0 before training, and `z_mean`, float16 (E, N, d). It is
    written whole after each look, and a training that goes on keeps what was seen before.

    Args:
        path: of the file.
        x: (N, *event_shape), the examples, as the model sees them; or a dictionary as in `fit`.
        every: epochs between two looks, at least 1; the last epoch is always among them.
    """

    params: dict[str, Any]

    def __init__(self, path: PathLike, x: Any, every: int = 1) -> None:
        super().__init__()
        self.path, self.x, self.every = Path(path), x, checked_every(every)
        self.looks: dict[int, np.ndarray] | None = None  # z_mean by epoch; None before training

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        if self.looks is None:
            self.looks = {done: z for done, z in self._seen_before().items() if done <= epoch}
            if epoch == 0:
                self._look(0)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if is_due(self, epoch):
            self._look(epoch + 1)

    def _seen_before(self) -> dict[int, np.ndarray]:
        if not self.path.exists():
            return {}
        with np.load(self.path) as file:
            return dict(zip(file["epochs"].tolist(), file["z_mean"], strict=True))

    def _look(self, epochs: int) -> None:
        assert self.looks is not None
        z_mean, _ = self.model.encode(self.x)
        largest = np.finfo("float16").max
        self.looks[epochs] = np.clip(z_mean, -largest, largest).astype("float16")
        with whole_file(self.path) as file:
            np.savez_compressed(
                file,
                epochs=np.array(list(self.looks), "int32"),
                z_mean=np.stack(list(self.looks.values())),
            )
