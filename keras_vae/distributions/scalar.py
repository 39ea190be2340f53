"""What the package's own distributions of single numbers share."""

from typing import Any

import tensorflow as tf
from tensorflow_probability import distributions as tfd
from tensorflow_probability import util as tfu

__all__ = ["Scalar"]


class Scalar(tfd.Distribution):
    """Base of distributions of one float32 number for each entry of their parameters.

    A subclass names its parameters in `NAMES` and defines `_log_prob`, `_sample_n(n, seed)`,
    `_mean` and `_variance` from them: they are its attributes.

    Args:
        parameters: by name, float32 tensors of shapes that broadcast to the batch shape.
    """

    NAMES: tuple[str, ...] = ()

    def __init__(self, **parameters: tf.Tensor) -> None:
        for name in self.NAMES:
            setattr(self, name, parameters[name])
        super().__init__(
            dtype=tf.float32,
            reparameterization_type=tfd.NOT_REPARAMETERIZED,
            validate_args=False,
            allow_nan_stats=True,
            parameters=parameters,
        )

    @classmethod
    def _parameter_properties(cls, dtype: Any, num_classes: Any = None) -> dict[str, Any]:
        return {name: tfu.ParameterProperties() for name in cls.NAMES}

    def _event_shape(self) -> tf.TensorShape:
        return tf.TensorShape([])

    def _event_shape_tensor(self) -> tf.Tensor:
        return tf.constant([], tf.int32)
