"""What networks do with counts: an encoder sees their logarithm, a decoder divides their sum."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

__all__ = ["LibraryShares", "LogCounts"]


@keras.saving.register_keras_serializable(package="keras_vae")
class LogCounts(layers.Layer):
    """log(1 + x), float32: a count of thousands beside counts of 0 and 1 is of the same order."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)

    def call(self, inputs: Any) -> Any:
        return ops.log1p(inputs)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape


@keras.saving.register_keras_serializable(package="keras_vae")
class LibraryShares(layers.Layer):
    """[h, condition] -> the log of a mean for each entry, whose means sum to the library size l.

    log mean = log l + log softmax(h), after Lopez et al. 2018, "Deep generative modeling for
    single-cell transcriptomics", with the observed l. That is the last number of the condition,
    as `(log l - center) / scale`.

    Args:
        center, scale: of log l.
    """

    def __init__(self, center: float = 0.0, scale: float = 1.0, **kwargs: Any) -> None:
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)
        self.center, self.scale = float(center), float(scale)

    def call(self, inputs: Sequence[Any]) -> Any:
        h, condition = inputs
        axes = tuple(range(1, len(h.shape)))
        log_library = self.center + self.scale * condition[:, -1]
        # log softmax(h) = h - log sum exp(h), over all entries of an example
        return h + ops.expand_dims(log_library - ops.logsumexp(h, axis=axes), axes)

    def compute_output_shape(
        self, input_shape: Sequence[tuple[int | None, ...]]
    ) -> tuple[int | None, ...]:
        return input_shape[0]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "center": self.center, "scale": self.scale}
