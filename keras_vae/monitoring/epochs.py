"""The epochs at which a callback that does not run in every epoch runs."""

from numbers import Integral
from typing import Any

from keras_vae.errors import ConfigError

__all__ = ["checked_every", "is_due"]


def checked_every(every: Any) -> int:
    """`every` if it can be a number of epochs.

    Raises:
        ConfigError: if it is not a whole number of at least 1.
    """
    if not isinstance(every, Integral) or isinstance(every, bool) or every < 1:
        raise ConfigError(f"every={every!r}: expected a whole number of epochs, at least 1")
    return int(every)


def is_due(callback: Any, epoch: int) -> bool:
    """Whether `callback` looks at `epoch` (from 0): every `callback.every` of them and the last.

    An epoch is the last one too where a callback listed before this one stops training after it.
    """
    is_last = epoch + 1 == callback.params["epochs"] or callback.model.stop_training
    return is_last or (epoch + 1) % callback.every == 0
