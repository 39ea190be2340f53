"""What a VAE expects of any encoder and decoder that it is given."""

from collections.abc import Sequence
from typing import Any

import keras

from keras_vae.errors import ConfigError
from keras_vae.networks.named_inputs import named_inputs

__all__ = ["check_examples", "check_latents", "check_network"]


def check_network(network: Any, name: str, takes: Sequence[str]) -> None:
    """Refuses what is not of Keras 3, inputs other than `takes`, of which the first is needed, and
    layers that mask entries of x: a Keras mask does not reach p(x|z)."""
    if not isinstance(network, keras.Layer):
        kind = type(network)
        raise ConfigError(
            f"the {name} must be a model or layer of Keras 3, got {kind.__module__}."
            f"{kind.__name__}; build it with `import keras`"
        )
    shapes, inputs = getattr(network, "input_shape", None), named_inputs(network)
    if inputs is None:
        fits, found = (
            not isinstance(shapes, list) or len(shapes) == 1,
            f"{len(shapes or ())} inputs",
        )
    else:
        fits = takes[0] in inputs and set(inputs) <= set(takes)
        found = f"inputs of the names {', '.join(inputs)}"
    if not fits:
        raise ConfigError(
            f"the {name} takes {found}, but a VAE gives it {takes[0]!r} and, where they are asked "
            f"for by name, {' and '.join(map(repr, takes[1:]))}: build it on a dictionary of "
            f"these, keras.Model({{{takes[0]!r}: keras.Input(shape, name={takes[0]!r}), ...}}, ...)"
        )
    for layer in network._flatten_layers():
        if isinstance(layer, keras.layers.Masking) or getattr(layer, "mask_zero", False):
            raise ConfigError(
                f"the {name} masks padded entries (layer {layer.name!r}), but p(x|z) describes "
                "every entry of x; leave it out, and give the mask of what is missing with x: "
                '{"x": x, "mask": mask}'
            )


def check_latents(
    encoder_output: Sequence[int | None], decoder_input: Sequence[int | None]
) -> None:
    """Refuses a decoder that does not take the latents (batch, d) that the encoder outputs."""
    if tuple(encoder_output[1:]) != tuple(decoder_input[1:]):
        raise ConfigError(
            f"the encoder outputs {encoder_output[1]} latents, but the decoder takes "
            f"{decoder_input[1:]}; make them equal"
        )


def check_examples(
    encoder_input: Sequence[int | None],
    decoder_output: Any,
    shapes: Sequence[int] | dict[str, tuple[int, ...]],
) -> None:
    """Refuses a decoder whose output is not what the likelihood takes.

    Args:
        encoder_input: shape.
        decoder_output: tensor, or a structure of them.
        shapes: a shape, or a dictionary of name -> shape, as `Likelihood.parameter_shapes` has it.
    """
    event_shape = tuple(encoder_input[1:])
    if isinstance(shapes, dict):
        _check_named(decoder_output, shapes)
        return
    if isinstance(decoder_output, (tuple, list, dict)):
        raise ConfigError(
            "the decoder must output one tensor, the parameters of p(x|z), got "
            f"{len(decoder_output)}; other parameters of p(x|z) belong in the likelihood"
        )
    output_shape = tuple(decoder_output.shape[1:])
    if output_shape == tuple(shapes):
        return
    if tuple(shapes) == event_shape:
        raise ConfigError(
            f"the decoder outputs examples of shape {output_shape}, but the encoder takes "
            f"{event_shape}; end the decoder with keras.layers.Reshape({event_shape})"
        )
    raise ConfigError(
        f"the decoder outputs {output_shape} for an example of shape {event_shape}, and the "
        f"likelihood takes {tuple(shapes)}"
    )


def _check_named(decoder_output: Any, shapes: dict[str, tuple[int, ...]]) -> None:
    """Refuses anything but a dictionary of tensors of these shapes."""
    found: Any = type(decoder_output).__name__
    if isinstance(decoder_output, dict):
        found = {name: tuple(value.shape[1:]) for name, value in decoder_output.items()}
    if found != {name: tuple(shape) for name, shape in shapes.items()}:
        raise ConfigError(
            f"the decoder must output a dictionary of tensors of the shapes {shapes}, the "
            f"parameters of p(x|z), got {found}"
        )
