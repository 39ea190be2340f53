"""Stops training at the first NaN or infinity and says where it came from."""

import math

import keras

from keras_vae.aliases import Logs
from keras_vae.errors import TrainingDiverged

__all__ = ["TerminateOnNonFinite"]

BOUND = {
    "distortion": "the distortion -log p(x|z)",
    "rate": "the rate KL(q(z|x) || p(z))",
}
TERMS = {**BOUND, "penalty": "the penalty of the layers"}


class TerminateOnNonFinite(keras.callbacks.Callback):
    """Like Keras's `TerminateOnNaN`, and names the term and about which step.

    Raises:
        TrainingDiverged: from `fit`, after the first steps whose loss is NaN or infinite.
    """

    def on_train_begin(self, logs: Logs = None) -> None:
        self._has_passed = False

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        if math.isfinite(logs["loss"]):
            self._has_passed = True
            return
        bad = [term for term in TERMS if not math.isfinite(logs.get(term, 0.0))]
        words = [TERMS[term] for term in bad] or ["the weighted sum of distortion and rate"]
        source = " and ".join(words)
        is_in_weights = set(BOUND) <= set(bad) and self._has_passed
        raise TrainingDiverged(
            f"{source} became NaN or infinite at epoch {self._epoch + 1}, by step {batch + 1}"
            + (", so the weights had diverged before it" if is_in_weights else "")
            + "; try a smaller --learning-rate, then look for outliers in the data"
        )
