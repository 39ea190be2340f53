"""The checkpoint with the best validation ELBO, from the end of the warm-up on."""

import math
import os
from pathlib import Path

import keras
import numpy as np

from keras_vae.aliases import Logs, PathLike
from keras_vae.objectives import Objective

__all__ = ["MODES", "BestCheckpoint", "trained_variables", "watched_by"]

MODES = {"val_elbo": "max", "val_loss": "min"}


def watched_by(objective: Objective) -> str:
    """The figure by which an epoch is the best under an objective."""
    return "val_elbo" if objective.kind == "elbo" else "val_loss"


class BestCheckpoint(keras.callbacks.ModelCheckpoint):
    """`ModelCheckpoint` on the best epoch, ignoring those before `start_from_epoch` and NaN.

    The best is that of the highest `val_elbo`, which has beta = 1 whatever the loss uses; of an
    objective that is not the ELBO, and may rise while the ELBO falls, of the lowest `val_loss`.
    During a warm-up the model is trained for another objective. Each checkpoint is written beside
    the old one and then takes its place, so that a kill at any moment leaves a complete file.

    Args:
        filepath: the `.keras` file.
        start_from_epoch: first epoch that may be kept.
        watched: `"val_elbo"` or `"val_loss"`.
    """

    def __init__(
        self, filepath: PathLike, start_from_epoch: int = 0, watched: str = "val_elbo"
    ) -> None:
        self.path = Path(filepath)
        self._unfinished = self.path.with_name("unfinished-" + self.path.name)
        super().__init__(
            self._unfinished, monitor=watched, mode=MODES[watched], save_best_only=True
        )
        self.start_from_epoch = start_from_epoch
        self.best_epoch: int | None = None
        self._kept: tuple[float, list[np.ndarray]] | None = None  # beta, values

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if epoch < self.start_from_epoch or not math.isfinite(logs[self.monitor]):
            return
        super().on_epoch_end(epoch, logs)
        if self._unfinished.exists():
            os.replace(self._unfinished, self.path)
            self.best_epoch = epoch
            self._kept = self.model.beta, [np.array(each) for each in trained_variables(self.model)]

    def bring_back(self) -> bool:
        """Makes the model what it was when the file was written; False if another process did."""
        if self._kept is None:
            return False
        self.model.beta, values = self._kept
        for variable, value in zip(trained_variables(self.model), values, strict=True):
            # (seed, draws so far): a file does not hold it, and draws begin anew
            is_random_state = variable.name == "seed_generator_state"
            variable.assign(value * (1, 0) if is_random_state else value)
        self.model.reset_metrics()
        return True


def trained_variables(model: keras.Model) -> list[keras.Variable]:
    """All that a step of training changes in a model and its optimizer."""
    return [*model.variables, *model.optimizer.variables]
