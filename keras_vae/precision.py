"""The precision of training, and a model of any training precision -> the same in float32."""

import contextlib
from collections.abc import Iterator
from typing import Any

import keras
import tensorflow as tf

from keras_vae.vae import VAE

__all__ = ["in_float32", "layers_in", "resolve_precision", "training_epsilon"]

# Half precision, by Keras's names -> the relative spacing of its numbers.
EPSILON = {
    "mixed_float16": 2.0**-10,
    "float16": 2.0**-10,
    "mixed_bfloat16": 2.0**-7,
    "bfloat16": 2.0**-7,
}


def resolve_precision(precision: str) -> str:
    """`"auto"` as what this machine's device does best; any other precision as it is.

    bfloat16 on a GPU that has units for it (compute capability 8.0 and above), else float32.
    """
    if precision != "auto":
        return precision
    gpus = tf.config.list_physical_devices("GPU")
    details = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
    is_able = [each.get("compute_capability", (0, 0)) >= (8, 0) for each in details]
    return "mixed_bfloat16" if gpus and all(is_able) else "float32"


@contextlib.contextmanager
def layers_in(precision: str) -> Iterator[None]:
    """Within it, layers are made that compute in `precision`, a Keras dtype policy."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def training_epsilon(vae: VAE) -> float | None:
    """Relative spacing of the coarsest numbers that a VAE computes with; None if float32."""
    return max((EPSILON[name] for name in _half_precisions(vae.get_config())), default=None)


def in_float32(vae: VAE) -> VAE:
    """A copy of a VAE in which every layer computes in float32, with the same weights.

    A server's CPU gains nothing from half precision, and the casts would stay in its graph.

    Args:
        vae: built `VAE`.
    """
    with layers_in("float32"):  # for layers that another layer makes for itself
        copy = VAE.from_config(_with_full_precision(vae.get_config()))
    if not copy.built:  # an encoder that does not know its input's shape before it is called
        copy.build((None, *vae.event_shape))
    copy.set_weights(vae.get_weights())
    return copy


def _half_precisions(config: Any) -> set[str]:
    """Every half precision that a Keras configuration names."""
    if isinstance(config, str):
        return {config} & EPSILON.keys()
    if isinstance(config, dict):
        config = list(config.values())
    if isinstance(config, (list, tuple)):
        return {name for part in config for name in _half_precisions(part)}
    return set()


def _with_full_precision(config: Any) -> Any:
    """A Keras configuration with float32 in place of every half precision."""
    if isinstance(config, str):
        return "float32" if config in EPSILON else config
    if isinstance(config, dict):
        return {key: _with_full_precision(value) for key, value in config.items()}
    if isinstance(config, (list, tuple)):
        return type(config)(map(_with_full_precision, config))
    return config
