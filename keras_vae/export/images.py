"""Encoded images -> examples as the model was trained on, inside the served graph."""

import tensorflow as tf

from keras_vae.export.seeds import pixel_seed

__all__ = ["decode_images", "image_channels"]

CHANNELS = (1, 3, 4)  # gray, RGB, RGBA: what PNG and JPEG can be decoded to


def image_channels(event_shape: tuple[int, ...]) -> int | None:
    """The channels of examples that are images, (H, W) or (H, W, channels); None if they are not.

    Sides of 3 or less are not images.
    """
    if len(event_shape) not in (2, 3) or min(event_shape[:2]) <= 3:
        return None
    channels = event_shape[2] if len(event_shape) == 3 else 1
    return channels if channels in CHANNELS else None


def decode_images(
    image_bytes: tf.Tensor, event_shape: tuple[int, ...], pixels: str, seed: tf.Tensor
) -> tf.Tensor:
    """The examples x in encoded images: decoded, scaled to [0, 1], binarised as in training.

    Args:
        image_bytes: string tensor (batch,): PNG or JPEG files of the model's own size; colours
            become gray where the model takes gray.
        event_shape: (H, W) or (H, W, channels).
        pixels: what becomes of gray levels: `"dynamic"` and `"static"` draw each pixel as
            Bernoulli(gray level) with the row's own seed; `"threshold"` gives 1 where the gray
            level is above 0.5; `"none"` leaves gray levels.
        seed: int64 tensor (batch,).

    Returns:
        float32 tensor (batch, *event_shape).

    Raises:
        tf.errors.InvalidArgumentError: if a file cannot be decoded, or has another size.
    """

    def example(row: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        file, seed = row
        gray = _decode(file, event_shape)
        if pixels == "none":
            return gray
        if pixels == "threshold":
            return tf.cast(gray > 0.5, tf.float32)
        uniform = tf.random.stateless_uniform(event_shape, pixel_seed(seed), alg="philox")
        # x ~ Bernoulli(gray level)
        return tf.cast(uniform < gray, tf.float32)

    spec = tf.TensorSpec(event_shape, tf.float32)
    return tf.map_fn(example, (image_bytes, seed), fn_output_signature=spec)


def _decode(file: tf.Tensor, event_shape: tuple[int, ...]) -> tf.Tensor:
    """One file as float32 of event_shape, in [0, 1]."""
    channels = image_channels(event_shape)
    image = tf.io.decode_image(file, channels=channels, expand_animations=False)
    height, width = event_shape[:2]
    # Refused rather than resized: the answer for a resized image is not the one asked for.
    tf.debugging.assert_equal(
        tf.shape(image)[:2],
        [height, width],
        message=f"the model takes images of {height} x {width} pixels (height x width)",
    )
    return tf.reshape(tf.cast(image, tf.float32) / 255, event_shape)
