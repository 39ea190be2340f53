"""What a server can be asked: the signatures of a VAE as functions of tensors.

Every input and every output has the batch as its first axis, so that a server may put requests
together and take the answers apart. No row's answer depends on the rows beside it.
"""

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import tensorflow as tf

from keras_vae import terms
from keras_vae.data.tables import Column
from keras_vae.export.columns import by_column
from keras_vae.export.given import as_given, cleaned, part_specs
from keras_vae.export.images import decode_images
from keras_vae.export.outside import OUTSIDE, mark_rows
from keras_vae.export.seeds import latent_seed
from keras_vae.vae import VAE

__all__ = ["Functions", "signatures"]

POSITIONAL_OR_KEYWORD = inspect.Parameter.POSITIONAL_OR_KEYWORD
Tensors: TypeAlias = dict[str, tf.Tensor]
# Name of a signature -> (function, its inputs).
Functions: TypeAlias = dict[str, tuple[Callable[..., Tensors], list[tf.TensorSpec]]]


def signatures(
    vae: VAE, samples: int, pixels: str | None = None, columns: Sequence[Column] = ()
) -> Functions:
    """The functions that a VAE is served by.

    Args:
        vae: built `VAE`, computing in float32.
        samples: draws of z for each row of `score`: the K of its importance-weighted bound.
        pixels: what becomes of the gray levels of encoded images (see `decode_images`); None leaves
            out the signatures that take PNG or JPEG files.
        columns: of a table the entries of x, whose encoder sees a mask; none of other data.

    Returns:
        Dict of name -> (function, its inputs as `tf.TensorSpec`s). Every function returns a dict
        of float32 tensors:

        - `reconstruct`, and `serving_default`: x -> `reconstruction`, the mean of p(x|z) at
          z = z_mean, (batch, *event_shape).
        - `encode`: x -> `z_mean`, `z_log_var`, (batch, d).
        - `decode`: z (batch, d) -> `mean` of p(x|z), (batch, *event_shape).
        - `sample`: seed, int64 (batch,) -> `z` drawn from the prior, and the `mean` of p(x|z).
        - `score`: x, seed -> `elbo`, `rate`, `distortion`, `importance_weighted_bound`, (batch,),
          nats; beta = 1.
        - `reconstruct_image`, `encode_image`: image_bytes, string (batch,) -> the same as for x;
          pixels that are drawn are drawn with seed 0. `score_image`: image_bytes, seed.

        What takes x or image_bytes also takes the `part_specs` of the model: `mask`, float32 like
        x, 1 where an entry was observed and 0 where it is missing, if its encoder does; and
        `condition`, float32 (batch, *condition_shape), if it is conditional. `decode` and `sample`
        of a conditional model take `condition`.

        Of a table x and its mask are given column by column, and rows come back so: see
        `column_specs`.

        A row of x outside the likelihood's support, a row of x, z or condition that is not finite,
        and one of a mask with other values than 0 and 1, is answered as `mark_rows` says. Tensors
        of other shapes than these, also by an axis of size 1, and inputs of unequal length raise
        `tf.errors.InvalidArgumentError`.
    """
    x = tf.TensorSpec((None, *vae.event_shape), tf.float32, "x")
    z = tf.TensorSpec((None, vae.latent_dim), tf.float32, "z")
    seed = tf.TensorSpec((None,), tf.int64, "seed")
    image_bytes = tf.TensorSpec((None,), tf.string, "image_bytes")
    parts = part_specs(vae)
    condition = [spec for spec in parts if spec.name == "condition"]

    def reconstruct(x: tf.Tensor, *parts: tf.Tensor) -> Tensors:
        return {"reconstruction": vae(as_given(vae, x, *parts), training=False)}

    def encode(x: tf.Tensor, *parts: tf.Tensor) -> Tensors:
        parameters = vae.posterior_parameters(as_given(vae, x, *parts))
        z_mean, z_log_var = vae.posterior_family.moments(parameters)
        return {"z_mean": z_mean, "z_log_var": z_log_var}

    def decode(z: tf.Tensor, *condition: tf.Tensor) -> Tensors:
        return {"mean": vae.likelihood(vae.decoder_outputs(z, *condition))}

    def sample(seed: tf.Tensor, *condition: tf.Tensor) -> Tensors:
        prior = vae.prior.distribution(vae.latent_dim)  # p(z)

        def draw(row: tuple[tf.Tensor, ...]) -> Tensors:
            seed, *condition = row
            z = prior.sample(seed=latent_seed(seed))  # z ~ p(z)
            return {"z": z, "mean": decode(z[None], *(c[None] for c in condition))["mean"][0]}

        # One row at a time: the last bits of a matrix product depend on how many rows it has.
        outputs = {
            "z": tf.TensorSpec((vae.latent_dim,), tf.float32),
            "mean": tf.TensorSpec(vae.event_shape, tf.float32),
        }
        return tf.map_fn(draw, (seed, *condition), fn_output_signature=outputs)

    def score(x: tf.Tensor, seed: tf.Tensor, *parts: tf.Tensor) -> Tensors:
        given = as_given(vae, x, *parts)
        parameters = vae.posterior_parameters(given)
        posterior = vae.posterior_family.distribution(parameters)  # q(z|x)
        prior = vae.prior.distribution(vae.latent_dim)  # p(z)
        z = _draw_from_posterior(vae, parameters, seed, samples)  # (samples, batch, d)
        tiled = tf.nest.map_structure(
            lambda part: tf.tile(part, [samples] + [1] * (part.shape.rank - 1)), given
        )
        log_likelihood = vae.conditional_log_prob(tiled, tf.reshape(z, [-1, vae.latent_dim]))
        log_likelihood = tf.reshape(log_likelihood, [samples, -1])  # log p(x|z_k)
        # log w_k = log p(x|z_k) + log p(z_k) - log q(z_k|x)
        log_w = log_likelihood + prior.log_prob(z) - posterior.log_prob(z)
        rate = terms.rate(posterior, prior, z)
        distortion = -tf.reduce_mean(log_likelihood, axis=0)
        return {
            "elbo": terms.elbo(distortion, rate),
            "rate": rate,
            "distortion": distortion,
            # L_K = log 1/K sum_k w_k
            "importance_weighted_bound": tf.reduce_logsumexp(log_w, axis=0)
            - tf.math.log(float(samples)),
        }

    def decoded(image_bytes: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        return decode_images(image_bytes, vae.event_shape, pixels or "none", seed)

    def reconstruct_image(image_bytes: tf.Tensor, *parts: tf.Tensor) -> Tensors:
        return reconstruct(decoded(image_bytes, tf.zeros_like(image_bytes, tf.int64)), *parts)

    def encode_image(image_bytes: tf.Tensor, *parts: tf.Tensor) -> Tensors:
        return encode(decoded(image_bytes, tf.zeros_like(image_bytes, tf.int64)), *parts)

    def score_image(image_bytes: tf.Tensor, seed: tf.Tensor, *parts: tf.Tensor) -> Tensors:
        return score(decoded(image_bytes, seed), seed, *parts)

    functions: Functions = {
        "serving_default": (reconstruct, [x, *parts]),
        "reconstruct": (reconstruct, [x, *parts]),
        "encode": (encode, [x, *parts]),
        "decode": (decode, [z, *condition]),
        "sample": (sample, [seed, *condition]),
        "score": (score, [x, seed, *parts]),
    }
    if pixels is not None:
        functions["reconstruct_image"] = reconstruct_image, [image_bytes, *parts]
        functions["encode_image"] = encode_image, [image_bytes, *parts]
        functions["score_image"] = score_image, [image_bytes, seed, *parts]
    finite = (-np.inf, np.inf)
    supports = {"x": vae.likelihood.support, "z": finite, "mask": (0, 1), "condition": finite}
    checked: Functions = {
        name: (_checked(function, inputs, supports), inputs)
        for name, (function, inputs) in functions.items()
    }
    if not columns:
        return checked
    of_columns = {name: by_column(*each, columns) for name, each in checked.items()}
    return {name: (_by_name(*each), each[1]) for name, each in of_columns.items()}


def _checked(
    function: Callable[..., Tensors],
    inputs: list[tf.TensorSpec],
    supports: dict[str, tuple[float, float]],
) -> Callable[..., Tensors]:
    """A signature that refuses other shapes, and answers no row that cannot be.

    A server passes on any shape, and a 14 x 56 image would be flattened like one of 28 x 28.
    """

    @functools.wraps(function)
    def checked(*tensors: tf.Tensor) -> Tensors:
        shaped = {
            spec.name: tf.ensure_shape(tensor, spec.shape)
            for tensor, spec in zip(tensors, inputs, strict=True)
        }
        first, *others = shaped.values()
        same_length = [
            tf.debugging.assert_equal(
                tf.shape(other)[0],
                tf.shape(first)[0],
                f"{' and '.join(shaped)} must have the same number of rows",
            )
            for other in others
        ]
        shaped = cleaned(shaped)
        with tf.control_dependencies(same_length):
            outputs = function(*map(tf.identity, shaped.values()))
        for name in (name for name in shaped if name in supports):
            outside = OUTSIDE if name == "x" else {}  # nothing else has a p(x|z) of 0
            outputs = mark_rows(outputs, shaped[name], supports[name], outside)
        return outputs

    return _by_name(checked, inputs)


def _by_name(function: Callable[..., Tensors], inputs: list[tf.TensorSpec]) -> Any:
    """A function of *tensors whose parameters have names, as a server asks: what stands for
    *parts would be positional only."""
    names = [inspect.Parameter(spec.name, POSITIONAL_OR_KEYWORD) for spec in inputs]
    function.__signature__ = inspect.Signature(names)  # type: ignore[attr-defined]
    return function


def _draw_from_posterior(vae: VAE, parameters: Any, seed: tf.Tensor, samples: int) -> tf.Tensor:
    """z_k ~ q(z|x) with each row's own seed: float32 (samples, batch, d)."""

    def draw(row: tuple[Any, tf.Tensor]) -> tf.Tensor:
        parameters, seed = row
        posterior = vae.posterior_family.distribution(parameters)
        return posterior.sample(samples, seed=latent_seed(seed))

    spec = tf.TensorSpec((samples, vae.latent_dim), tf.float32)
    z = tf.map_fn(draw, (parameters, seed), fn_output_signature=spec)
    return tf.transpose(z, [1, 0, 2])
