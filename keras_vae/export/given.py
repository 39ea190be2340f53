"""What a served model is given beside x, or beside z: the inputs `mask` and `condition`."""

from typing import Any

import numpy as np
import tensorflow as tf

from keras_vae.networks.named_inputs import named_inputs
from keras_vae.vae import VAE

__all__ = ["as_given", "cleaned", "part_specs"]


def part_specs(vae: VAE) -> list[tf.TensorSpec]:
    """What x comes with: `mask`, where the encoder has an input of that name, and `condition`,
    where the model is conditional. Empty for most models."""
    specs = []
    if "mask" in (named_inputs(vae.encoder) or {}):
        specs.append(tf.TensorSpec((None, *vae.event_shape), tf.float32, "mask"))
    if vae.condition_shape is not None:
        specs.append(tf.TensorSpec((None, *vae.condition_shape), tf.float32, "condition"))
    return specs


def as_given(vae: VAE, x: Any, *parts: Any) -> Any:
    """x as the model is given it: a dictionary where it comes with parts, in their order."""
    names = [spec.name for spec in part_specs(vae)]
    return {"x": x, **dict(zip(names, parts, strict=True))} if names else x


def cleaned(inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """x with 0 where the mask says that it is missing, and a mask with NaN in place of what is
    neither 0 nor 1, so that its row is not answered."""
    if "mask" not in inputs:
        return inputs
    mask = inputs["mask"]
    is_mask = (mask == 0) | (mask == 1)
    cleaned = {**inputs, "mask": tf.where(is_mask, mask, np.nan)}
    if "x" in inputs:
        cleaned["x"] = tf.where(mask == 0, 0.0, inputs["x"])
    return cleaned
