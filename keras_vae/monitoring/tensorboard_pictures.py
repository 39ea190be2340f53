"""What the latents and the reconstructions look like, in TensorBoard."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from keras_vae import plots
from keras_vae.aliases import Logs, PathLike
from keras_vae.data import array_of, count, take
from keras_vae.errors import ConfigError
from keras_vae.files.packages import is_installed
from keras_vae.monitoring.epochs import checked_every, is_due

__all__ = ["TensorBoardPictures"]

PAIRS = 20


class TensorBoardPictures(keras.callbacks.Callback):
    """Draws the latent map and reconstructions into a TensorBoard log, every few epochs.

    The tags are `latent_map` (`keras_vae.plots.latent_map` of all x) and, where examples are
    images, `reconstructions` (`keras_vae.plots.reconstructions` of the first 20, each the mean of
    p(x|z) at z = z_mean). The step is the epoch from 0, as with Keras's own `TensorBoard`. Where a
    picture would hold NaN or infinity it is left out.

    Args:
        log_dir: the folder of the log, which may be that of Keras's `TensorBoard`: as that writes
            into the subfolders `train` and `validation`, this one writes into `pictures`.
        x: (N, *event_shape), the fixed examples to draw, as the model sees them; or a dictionary of
            them as in `fit`: each is decoded with its own condition.
        labels: (N,) integers, the classes, for colours in the latent map; one colour if None.
        every: epochs between two looks, at least 1; the last epoch is always among them.
        class_names: the name of class k at position k; the numbers themselves if None.
        encode: for a model that is not a `VAE`, a function x -> (z_mean, z_log_var), each (N, d).
        decode: for a model that is not a `VAE`, a function z -> the mean of p(x|z); given
            `condition=` besides where x has conditions.

    Raises:
        ConfigError: if the package tensorboard is missing, or `every` is out of its range.
        ValueError: if labels or class_names do not fit.
    """

    def __init__(
        self,
        log_dir: PathLike,
        x: Any,
        labels: np.ndarray | None = None,
        every: int = 5,
        class_names: Sequence[str] | None = None,
        encode: Callable[[Any], tuple[Any, Any]] | None = None,
        decode: Callable[[Any], Any] | None = None,
    ) -> None:
        super().__init__()
        if not is_installed("tensorboard.summary"):
            raise ConfigError(
                "TensorBoardPictures needs a package: pip install 'keras_vae[tensorboard]'"
            )
        self.log_dir, self.every = Path(log_dir), checked_every(every)
        self.x = keras.tree.map_structure(np.asarray, x)
        self._classes = (labels, class_names)
        self._encode, self._decode = encode, decode
        # Refuses labels that do not fit, now and not after the first epochs.
        plots.latent_map(np.zeros((count(self.x), 1)), *self._classes).clear()

    def on_train_begin(self, logs: Logs = None) -> None:
        self._writer = tf.summary.create_file_writer(str(self.log_dir / "pictures"))

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if not is_due(self, epoch):
            return
        z_mean, _ = (self._encode or self.model.encode)(self.x)
        z_mean = np.asarray(z_mean)
        if not np.isfinite(z_mean).all():
            return
        self._write("latent_map", plots.latent_map(z_mean, *self._classes), epoch)
        shown = take(self.x, slice(PAIRS))
        x = array_of(shown)
        if plots.is_image(x.shape[1:]):
            parts = shown if isinstance(shown, dict) else {}
            condition = {name: part for name, part in parts.items() if name == "condition"}
            decode = self._decode or self.model.decode
            reconstruction = np.asarray(decode(z_mean[:PAIRS], **condition))
            if np.isfinite(reconstruction).all():
                figure = plots.reconstructions(x, reconstruction, mask=parts.get("mask"))
                self._write("reconstructions", figure, epoch)

    def on_train_end(self, logs: Logs = None) -> None:
        self._writer.close()

    def _write(self, tag: str, figure: Figure, epoch: int) -> None:
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        pixels = np.asarray(canvas.buffer_rgba())[None, ..., :3]
        # Keras's own callback may have switched recording off between its steps. On its way out
        # the writer flushes, so that the picture can be seen during training.
        with self._writer.as_default(), tf.summary.record_if(True):
            tf.summary.image(tag, pixels, step=epoch)
        figure.clear()
