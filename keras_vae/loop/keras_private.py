"""The two methods of `keras.Model` that are not public and that are overridden all the same.

Keras has no other place for either. `tests/test_keras_private.py` fails with a Keras that calls
them no more.
"""

from typing import Any

import keras

__all__ = ["KerasPrivate"]


class KerasPrivate(keras.Model):
    """A `keras.Model` that counts its figures in its own order, and is built once."""

    def _maybe_symbolic_build(self, *args: Any, **kwargs: Any) -> None:
        # Keras builds by an average of the replicas' batches, which fails if they are not equal.
        if not self.built:
            super()._maybe_symbolic_build(*args, **kwargs)

    def _flatten_metrics_in_order(self, logs: dict[str, Any]) -> list[Any]:
        # Keras's own puts the values of a metric with several in the order of the alphabet.
        return [logs[name] for name in self.metrics_names]
