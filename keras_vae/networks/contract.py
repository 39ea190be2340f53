"""What a VAE expects of any encoder and decoder that it is given."""

import keras
from keras import ops

from keras_vae.errors import ConfigError

__all__ = ["check_examples", "check_latents", "check_network", "posterior_pair"]


def check_network(network, name):
    """Refuses what is not of Keras 3, and layers that mask entries of x: p(x|z) has no mask."""
    if not isinstance(network, keras.Layer):
        kind = type(network)
        raise ConfigError(
            f"the {name} must be a model or layer of Keras 3, got {kind.__module__}."
            f"{kind.__name__}; build it with `import keras`"
        )
    inputs = getattr(network, "input_shape", None)
    if isinstance(inputs, (list, dict)) and len(inputs) != 1:
        raise ConfigError(f"the {name} takes {len(inputs)} inputs, but a VAE gives it one")
    for layer in network._flatten_layers():
        if isinstance(layer, keras.layers.Masking) or getattr(layer, "mask_zero", False):
            raise ConfigError(
                f"the {name} masks padded entries (layer {layer.name!r}), but p(x|z) describes "
                "every entry of x; leave the mask out, or cut the sequences to one length"
            )


def posterior_pair(outputs):
    """An encoder's outputs as (z_mean, z_log_var), float32 whatever its precision.

    Raises:
        ConfigError: if they are not two tensors of one shape (batch, d).
    """
    is_sequence = isinstance(outputs, (tuple, list))
    if not is_sequence or len(outputs) != 2:
        received = f"{len(outputs)} outputs" if is_sequence else type(outputs).__name__
        raise ConfigError(
            f"the encoder must output the pair (z_mean, z_log_var), got {received}; the VAE draws "
            "z itself"
        )
    z_mean, z_log_var = (ops.cast(output, "float32") for output in outputs)
    if len(z_mean.shape) != 2 or z_mean.shape != z_log_var.shape:
        raise ConfigError(
            f"z_mean and z_log_var must both be (batch, d), got {z_mean.shape} and "
            f"{z_log_var.shape}; flatten them"
        )
    return z_mean, z_log_var


def check_latents(encoder_output, decoder_input):
    """Refuses a decoder that does not take the latents (batch, d) that the encoder outputs."""
    if tuple(encoder_output[1:]) != tuple(decoder_input[1:]):
        raise ConfigError(
            f"the encoder outputs {encoder_output[1]} latents, but the decoder takes "
            f"{decoder_input[1:]}; make them equal"
        )


def check_examples(encoder_input, decoder_output):
    """Refuses a decoder whose output (batch, *event_shape) is not what the encoder takes.

    Args:
        encoder_input: shape.
        decoder_output: tensor.
    """
    if isinstance(decoder_output, (tuple, list, dict)):
        raise ConfigError(
            "the decoder must output one tensor, the parameters of p(x|z), got "
            f"{len(decoder_output)}; other parameters of p(x|z) belong in the likelihood"
        )
    event_shape, output_shape = tuple(encoder_input[1:]), tuple(decoder_output.shape[1:])
    if output_shape != event_shape:
        raise ConfigError(
            f"the decoder outputs examples of shape {output_shape}, but the encoder takes "
            f"{event_shape}; end the decoder with keras.layers.Reshape({event_shape})"
        )
