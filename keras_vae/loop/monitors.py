"""Whether higher or lower is better, for callbacks that watch a figure."""

from typing import Any

import keras

from keras_vae.errors import ConfigError

__all__ = ["DIRECTIONS", "with_directions"]

# The figures of a training -> "max" or "min"; None where neither more nor less is better.
DIRECTIONS = {
    "loss": "min",
    "elbo": "max",
    "distortion": "min",
    "rate": None,
    "beta": None,
    "penalty": None,
}


def with_directions(callbacks: Any) -> list[keras.callbacks.Callback]:
    """Tells callbacks with `mode="auto"` in which direction the figure that they watch is better.

    Keras knows that only for metrics that it compiled itself, and raises after a whole epoch.

    Args:
        callbacks: of `fit`: a callback, a list of them, or None.

    Returns:
        List of the callbacks; `EarlyStopping`, `ModelCheckpoint`, `ReduceLROnPlateau` and others
        with a `monitor` and a `mode` have theirs.

    Raises:
        ConfigError: where neither direction is better.
    """
    callbacks = keras.tree.flatten(getattr(callbacks, "callbacks", callbacks) or [])
    for callback in callbacks:
        name = str(getattr(callback, "monitor", "")).removeprefix("val_")
        if getattr(callback, "mode", None) != "auto" or name not in DIRECTIONS:
            continue
        if DIRECTIONS[name] is None:
            raise ConfigError(
                f"{type(callback).__name__}(monitor={callback.monitor!r}): it is unknown whether "
                "more or less of it is better; pass mode='min' or 'max', or monitor val_elbo"
            )
        callback.mode = DIRECTIONS[name]
    return callbacks
