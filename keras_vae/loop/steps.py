"""Several steps of training in one compiled call."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, runtime_checkable

import keras
import tensorflow as tf

from keras_vae.aliases import Logs
from keras_vae.replicas import replica_count
from keras_vae.traced import traced

__all__ = [
    "Batches",
    "BeginEpoch",
    "apply_if",
    "as_many_as",
    "several_steps",
    "step_by_step",
    "sum_of_replicas",
    "xla_helps",
]

CONVOLUTIONS = (
    keras.layers.Conv1D,
    keras.layers.Conv1DTranspose,
    keras.layers.Conv2D,
    keras.layers.Conv2DTranspose,
    keras.layers.Conv3D,
    keras.layers.Conv3DTranspose,
    keras.layers.DepthwiseConv1D,
    keras.layers.DepthwiseConv2D,
    keras.layers.SeparableConv1D,
    keras.layers.SeparableConv2D,
)


@runtime_checkable
class Batches(Protocol):
    """The batches of a training and the place in them; `keras_vae.data` has two kinds."""

    steps: int  # of an epoch
    event_shape: tuple[int, ...]  # of one example

    def begin(self, epoch: int) -> None:
        """Goes to the beginning of an epoch."""

    def take(self, limit: int) -> tuple[tf.Tensor, tuple[tf.Tensor, ...]]:
        """(count, parts): the parts of `limit` batches, of which the first `count` are batches."""
        ...

    @property
    def examples(self) -> Callable[..., Any]:
        """The batch itself, as the model takes it, from the parts of one batch."""
        ...


def as_many_as(steps: int, strategy: tf.distribute.Strategy) -> tf.data.Dataset:
    """A data set of so many steps, for Keras to count."""
    replicas = strategy.num_replicas_in_sync
    options = tf.data.Options()
    options.autotune.enabled = False  # there is nothing to tune, and each epoch would wait for it
    return tf.data.Dataset.range(steps * replicas).batch(replicas).with_options(options)


def xla_helps(model: keras.Model) -> bool:
    """Whether XLA makes training faster: not where a layer cannot be compiled, nor with
    `tf.distribute`, nor for convolutions on a CPU."""
    layers = list(model._flatten_layers())
    if replica_count() > 1 or not all(layer.supports_jit for layer in layers):
        return False
    has_gpu = bool(tf.config.list_logical_devices("GPU"))
    return has_gpu or not any(isinstance(layer, CONVOLUTIONS) for layer in layers)


def several_steps(model: keras.Model, batches: Batches) -> Callable[[object], dict[str, tf.Tensor]]:
    """A train function, in Keras's sense, that takes `Batches`.

    The loop over steps is inside one compiled call, so weights stay on the device between steps,
    and the cost of a call is paid once for all of them.

    Args:
        model: a built and compiled `Trainer`.
        batches: `Batches`.

    Returns:
        Function of an iterator, which it ignores, to the reported means.
    """
    strategy, limit = model.distribute_strategy, model.steps_per_execution

    def replica_step(*parts: tf.Tensor) -> None:
        model.train_step(batches.examples(*parts))

    def loop(count: tf.Tensor, stacked: tuple[tf.Tensor, ...]) -> dict[str, tf.Tensor]:
        def body(step: tf.Tensor) -> list[tf.Tensor]:
            strategy.run(replica_step, [part[step] for part in stacked])
            return [step + 1]

        tf.while_loop(lambda step: step < count, body, [0], maximum_iterations=limit)
        return model.get_metrics_result()

    if not model.run_eagerly:
        loop = traced(loop, jit_compile=model.jit_compile)
    return lambda iterator: loop(*batches.take(limit))


def step_by_step(
    model: keras.Model, step: Callable[[Any], object]
) -> Callable[[Iterator[Any]], dict[str, tf.Tensor]]:
    """A train or test function, in Keras's sense, that takes a step a call.

    Keras's own reads the means of each replica, and fails to reduce them where replicas are
    processes (tensorflow/tensorflow#72388); here the model returns those of all replicas.

    Args:
        model: a compiled `Trainer`.
        step: its `train_step` or `test_step`.

    Returns:
        Function of an iterator to the reported means.
    """

    def one_step(data: Any) -> None:
        model.distribute_strategy.run(step, [data])

    if not model.run_eagerly:
        one_step = traced(one_step, reduce_retracing=True)

    def steps(iterator: Iterator[Any]) -> dict[str, tf.Tensor]:
        one_step(next(iterator))
        for data in itertools.islice(iterator, model.steps_per_execution - 1):
            one_step(data)
        return model.get_metrics_result()

    return steps


def sum_of_replicas(value: tf.Tensor) -> tf.Tensor:
    """The sum over replicas of what each has, in every one of them."""
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, value)


def apply_if(
    condition: tf.Tensor,
    optimizer: keras.optimizers.Optimizer,
    gradients: Sequence[tf.Tensor],
    variables: Sequence[keras.Variable],
) -> None:
    """`optimizer.apply(gradients, variables)`, or nothing at all: not even an iteration.

    Args:
        condition: boolean scalar tensor, the same in all replicas.
        optimizer: Keras optimizer.
        gradients, variables: as in `apply`, of this replica.
    """

    # A replica cannot make a condition around the sum over replicas that `apply` takes.
    def of_all_replicas(
        strategy: tf.distribute.Strategy, condition: tf.Tensor, gradients: Sequence[tf.Tensor]
    ) -> None:
        def apply() -> None:
            strategy.extended.call_for_each_replica(optimizer.apply, (gradients, variables))

        is_met = strategy.experimental_local_results(condition)[0]
        tf.cond(is_met, apply, lambda: None)

    tf.distribute.get_replica_context().merge_call(of_all_replicas, (condition, gradients))


class BeginEpoch(keras.callbacks.Callback):
    """Tells batches which epoch begins."""

    def __init__(self, batches: Batches) -> None:
        super().__init__()
        self.batches = batches

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self.batches.begin(epoch)
