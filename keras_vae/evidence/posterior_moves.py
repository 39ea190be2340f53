"""A small change of q(z|x) in units of itself: how a search steps through each family.

The mean moves by standard deviations of q, and scales change by factors, so that one length of step
fits wide and narrow, round and slanted posteriors. A change of 0 leaves q as it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import tensorflow as tf
from tensorflow_probability import math as tfp_math

from keras_vae.distributions import (
    Z_LOG_VAR_RANGE,
    DiagonalNormal,
    FullNormal,
    InverseAutoregressiveFlow,
    Posterior,
)

__all__ = ["MOVES", "Moves", "moves_of"]

Pair: TypeAlias = tuple[tf.Tensor, tf.Tensor]
Triple: TypeAlias = tuple[tf.Tensor, tf.Tensor, tf.Tensor]


@dataclass(frozen=True)
class Moves:
    """How a family is moved through.

    Attributes:
        size: parameters of q(z|x) -> how many numbers a change of one example has.
        moved: (parameters, change float32 (batch, size)) -> parameters.
        within: parameters -> the same, their scales in the range of the encoder's.
    """

    size: Callable[[Any], int]
    moved: Callable[[Any, tf.Tensor], Any]
    within: Callable[[Any], Any]


def moves_of(family: Posterior) -> Moves:
    """The moves of a family of this package."""
    return next(moves for kind, moves in MOVES.items() if isinstance(family, kind))


# ---- N(z_mean, diag(exp(z_log_var))): d numbers of the mean, d of the variances ----------


def _diagonal_size(parameters: Pair) -> int:
    return 2 * parameters[0].shape[-1]


def _diagonal_moved(parameters: Pair, change: tf.Tensor) -> Pair:
    z_mean, z_log_var = parameters
    of_mean, of_log_var = tf.split(change, 2, axis=-1)
    # z_mean + std * u,  z_log_var + v
    return z_mean + tf.exp(z_log_var / 2) * of_mean, z_log_var + of_log_var


def _diagonal_within(parameters: Pair) -> Pair:
    z_mean, z_log_var = parameters
    return z_mean, tf.clip_by_value(z_log_var, *Z_LOG_VAR_RANGE)


# ---- N(z_mean, L L^T): d numbers of the mean, d (d + 1) / 2 of L -------------------------


def _full_size(parameters: Pair) -> int:
    d = parameters[0].shape[-1]
    return d + d * (d + 1) // 2


def _full_moved(parameters: Pair, change: tf.Tensor) -> Pair:
    z_mean, lower = parameters
    d = z_mean.shape[-1]
    entries = tfp_math.fill_triangular(change[:, d:])
    # T: exp(v_jj / 2) on the diagonal, v_ij below it
    factor = tf.linalg.set_diag(entries, tf.exp(tf.linalg.diag_part(entries) / 2))
    # z_mean + L u,  L T
    return z_mean + tf.linalg.matvec(lower, change[:, :d]), lower @ factor


def _full_within(parameters: Pair) -> Pair:
    z_mean, lower = parameters
    log_diagonal = 2 * tf.math.log(tf.linalg.diag_part(lower))
    beyond = log_diagonal - tf.clip_by_value(log_diagonal, *Z_LOG_VAR_RANGE)
    # each row in units of its L_jj
    return z_mean, tf.exp(-beyond / 2)[:, :, None] * lower


# ---- a flow: as a diagonal normal, and the context of its networks, which stay ------------


def _flow_size(parameters: Triple) -> int:
    z_mean, _, context = parameters
    return 2 * z_mean.shape[-1] + context.shape[-1]


def _flow_moved(parameters: Triple, change: tf.Tensor) -> Triple:
    z_mean, z_log_var, context = parameters
    of_start, of_context = tf.split(change, [2 * z_mean.shape[-1], -1], axis=-1)
    return *_diagonal_moved((z_mean, z_log_var), of_start), context + of_context


def _flow_within(parameters: Triple) -> Triple:
    z_mean, z_log_var, context = parameters
    return *_diagonal_within((z_mean, z_log_var)), context


MOVES: dict[type[Posterior], Moves] = {
    DiagonalNormal: Moves(_diagonal_size, _diagonal_moved, _diagonal_within),
    FullNormal: Moves(_full_size, _full_moved, _full_within),
    InverseAutoregressiveFlow: Moves(_flow_size, _flow_moved, _flow_within),
}
