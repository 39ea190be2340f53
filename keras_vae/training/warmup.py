"""Warm-up: beta or the capacity rises by epochs to its value, and gets there before the end."""

import keras

from keras_vae.aliases import Logs

__all__ = ["CapacityWarmup", "KLWarmup", "warmup_epochs"]


def warmup_epochs(fraction: float, epochs: int) -> int:
    """Epochs with less than the full value: fraction * epochs, rounded down, so fewer than all.

    Args:
        fraction: of training, in [0, 1).
        epochs: in all, at least 1.
    """
    return int(fraction * epochs)


class KLWarmup(keras.callbacks.Callback):
    """Sets `vae.beta` to beta * (epoch + 1) / (length + 1) in epochs 0 ... length - 1, then beta.

    Constant within an epoch, so that loss == distortion + beta * rate holds for the reported
    means of each epoch (Bowman et al. 2016, arXiv:1511.06349, anneal every step).

    Args:
        beta: the value from epoch `length` on.
        length: number of epochs with less than that.
    """

    def __init__(self, beta: float, length: int) -> None:
        super().__init__()
        self.final_beta = beta
        self.length = length

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self.model.beta = self.final_beta * _part(epoch, self.length)


class CapacityWarmup(keras.callbacks.Callback):
    """Holds the rate at that part of the capacity of `vae.objective` that `KLWarmup` gives beta
    (Burgess et al. 2018, arXiv:1804.03599, raise it every step).

    Args:
        length: number of epochs with less than the full capacity.
    """

    def __init__(self, length: int) -> None:
        super().__init__()
        self.length = length

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self.model.objective.raise_capacity(_part(epoch, self.length))


def _part(epoch: int, length: int) -> float:
    """1 / (length + 1) in the first epoch, 1 from epoch `length` on."""
    return min(1.0, (epoch + 1) / (length + 1))
