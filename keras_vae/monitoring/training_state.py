"""The state of the optimisation, among the figures of every epoch."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_vae.aliases import Logs
from keras_vae.loop.optimizers import single_optimizers

__all__ = ["TrainingState"]


class TrainingState(keras.callbacks.Callback):
    """Puts the state of the optimisation at the end of each epoch into its `logs`.

    - `gradient_norm`: sqrt(sum_i (d loss / d w_i)^2) over all trainable weights, for the loss of
      the fixed batch x with the fixed noise z_mean + std * epsilon, as it is outside training (no
      dropout, the running means of batch normalisation). Changes in it are changes of the
      weights, and of beta.
    - `learning_rate`: the one that the next step would take; under a
      `keras.optimizers.MultiOptimizer` one for each of its optimizers, `learning_rate_NAME`, as
      Keras's own callbacks call them.
    - `loss_scale` and `skipped_steps`, only under a `keras.optimizers.LossScaleOptimizer`: the
      factor on the loss that keeps small float16 gradients from vanishing, and the steps of this
      `fit` that were left out because a gradient overflowed (Micikevicius et al. 2018,
      arXiv:1710.03740, section 3.2). Then gradient_norm is taken through the same factor, so
      that it is not finite where the next step would be left out.

    List it before the callbacks that record `logs`. Training is not disturbed: weights, optimizer,
    metrics and the state of every `SeedGenerator` stay as they are.

    Args:
        x: (batch, *event_shape), the fixed examples, as the model sees them; no more than one
            batch, which the device has to hold. Or a dictionary of them as in `fit`.
        loss: for a model that is not a `VAE`, a function x -> scalar tensor, the loss whose
            gradient is taken; not compiled by `tf.function`.
    """

    params: dict[str, Any]

    def __init__(self, x: Any, loss: Callable[[Any], tf.Tensor] | None = None) -> None:
        super().__init__()
        self.x = x
        self._loss = self._loss_of_vae if loss is None else loss
        self._noise = keras.random.SeedGenerator(0)

    def on_train_begin(self, logs: Logs = None) -> None:
        self._steps = 0
        self._updates_before = self._updates()

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._last_begin: int | None = None

    # Its end would do as well, but whoever listens there makes Keras wait for every batch.
    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        self._last_begin = batch

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self._steps += self._steps_of_epoch()
        optimizer = self.model.optimizer
        logs["gradient_norm"] = self._gradient_norm()
        logs.update(_learning_rates(optimizer))
        if _scales_loss(optimizer):
            logs["loss_scale"] = _number(optimizer.dynamic_scale)
            # skipped = run - applied
            applied = self._updates() - self._updates_before
            logs["skipped_steps"] = float(self._steps - applied)

    def _steps_of_epoch(self) -> int:
        if self._last_begin is None:
            return 0
        steps = self._last_begin + self.model.steps_per_execution
        most = self.params.get("steps")  # the last call of an epoch may hold fewer
        return steps if most is None else min(steps, most)

    def _updates(self) -> int:
        """How often the weights have been updated since the optimizer was made; 0, as nobody
        asks, if it scales no loss."""
        optimizer = self.model.optimizer
        if not _scales_loss(optimizer):
            return 0
        # The variable itself: where gradients are accumulated, `iterations` counts every n-th.
        return int(_number(optimizer.inner_optimizer.variables[0]))

    def _gradient_norm(self) -> float:
        scale = self.model.optimizer.scale_loss(tf.constant(1.0))
        variables = self.model.trainable_variables
        weights = [tf.convert_to_tensor(variable) for variable in variables]
        with tf.GradientTape() as tape:
            tape.watch(weights)
            # In a stateless scope no variable changes, not even where a layer assigns to it.
            with keras.StatelessScope(zip(variables, weights, strict=True), collect_losses=True):
                scaled_loss = scale * self._loss(self.x)
        gradients = tape.gradient(scaled_loss, weights)
        squares = [_sum_of_squares(gradient) for gradient in gradients if gradient is not None]
        if not squares:  # the loss does not depend on any weight: no gradient exists, not even 0
            return float("nan")
        # |g| = sqrt(sum_i g_i^2)
        return float(np.sqrt(np.sum(squares)) / _number(scale))

    def _loss_of_vae(self, x: Any) -> tf.Tensor:
        objective, _ = self.model.minimized(x, seed=self._noise)
        return objective


def _learning_rates(optimizer: keras.optimizers.Optimizer) -> dict[str, float]:
    optimizers = single_optimizers(optimizer)
    names = [f"learning_rate_{each.name}" for each in optimizers]
    if optimizers == [getattr(optimizer, "inner_optimizer", optimizer)]:
        names = ["learning_rate"]
    rates = [_number(each.learning_rate) for each in optimizers]
    return dict(zip(names, rates, strict=True))


def _scales_loss(optimizer: keras.optimizers.Optimizer) -> bool:
    return isinstance(optimizer, keras.optimizers.LossScaleOptimizer)


def _sum_of_squares(gradient: tf.Tensor) -> float:
    # A gradient of an embedding is a list of rows, the same row perhaps twice: add them up first.
    gradient = tf.convert_to_tensor(gradient)
    return _number(tf.reduce_sum(tf.cast(gradient, tf.float64) ** 2))


def _number(value: Any) -> float:
    return float(keras.ops.convert_to_numpy(value))
