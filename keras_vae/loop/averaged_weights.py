"""One set of weights for validation, checkpoints and the end of training under Keras's EMA."""

from collections.abc import Iterable

import keras

from keras_vae.aliases import Logs
from keras_vae.loop.optimizers import single_optimizers

__all__ = ["AveragedWeights", "with_averages"]


def with_averages(callbacks: Iterable[keras.callbacks.Callback]) -> list[keras.callbacks.Callback]:
    """`AveragedWeights` and the callbacks, without Keras's `SwapEMAWeights`: it takes its place.

    Keras's ends with the weights of the last step where training stops early, and swaps by sums
    that round.
    """
    others = [each for each in callbacks if not isinstance(each, keras.callbacks.SwapEMAWeights)]
    return [AveragedWeights(), *others]


class AveragedWeights(keras.callbacks.Callback):
    """Between the epochs of `fit` the weights are the averages with which `fit` ends.

    An optimizer with `use_ema=True` keeps averages of the weights over steps, which `fit` makes the
    weights at its end (Polyak & Juditsky 1992, doi:10.1137/0330046). Keras validates and saves
    other ones before that, those of the last step. Here they take the place of the weights from the
    validation of an epoch until the next epoch begins, so that validation, every callback at the
    end of an epoch and the trained model have the same ones. Training does not change: the next
    epoch continues from the weights of the last step, bit for bit.

    It must be the first of the callbacks. Without such an optimizer it does nothing. Meanwhile the
    weights of the last step stand in `model.weights_of_last_step`, for a checkpoint to go on from.
    """

    def on_train_begin(self, logs: Logs = None) -> None:
        self.model.weights_of_last_step = None

    def on_test_begin(self, logs: Logs = None) -> None:
        self._average()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self._average()  # where there is no validation

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        if self.model.weights_of_last_step is not None:
            variables = self.model.trainable_variables
            for variable, value in zip(variables, self.model.weights_of_last_step, strict=True):
                variable.assign(value)
            self.model.weights_of_last_step = None

    def on_train_end(self, logs: Logs = None) -> None:
        self.model.weights_of_last_step = None

    def _average(self) -> None:
        optimizer = self.model.optimizer
        has_averages = any(each.use_ema for each in single_optimizers(optimizer))
        if has_averages and self.model.weights_of_last_step is None:
            variables = self.model.trainable_variables
            self.model.weights_of_last_step = tuple(each.numpy() for each in variables)
            optimizer.finalize_variable_values(variables)  # as `fit` does at its end
