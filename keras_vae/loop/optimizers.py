"""Keras's optimizers: the single ones inside others, and those that cannot be used."""

from typing import Any

import keras

from keras_vae.errors import ConfigError

__all__ = ["refuse_wrong", "single_optimizers"]

# On TensorFlow its first step takes weights from a variable that never was what they are: those
# set after `compile` are lost, and those of a model that was built later become 0 (Keras 3.15.1).
WRONG = "ScheduleFreeAdamW"


def single_optimizers(optimizer: keras.optimizers.Optimizer) -> list[Any]:
    """The optimizers that update weights, each with a learning rate of its own.

    They are inside Keras's `LossScaleOptimizer` and `MultiOptimizer`. One that chooses among its
    optimizers by a function knows them from `build` on.
    """
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    return list(getattr(inner, "optimizers", [inner]))


def refuse_wrong(optimizer: keras.optimizers.Optimizer) -> None:
    """Refuses an optimizer that loses the weights of a model.

    Raises:
        ConfigError: if it is, or has inside it, `keras.optimizers.ScheduleFreeAdamW`.
    """
    classes = {base.__name__ for each in single_optimizers(optimizer) for base in type(each).mro()}
    if WRONG in classes:
        raise ConfigError(
            f"optimizer {WRONG}: on TensorFlow, Keras's loses the weights of the model at its "
            f"first step; choose another, such as keras.optimizers.AdamW"
        )
