"""What some figures take for granted of a model: asked before they are computed.

A formula for a diagonal normal q(z|x), or for p(z) = N(0, I), gives a number for any mean and
variance. Of another model that number would be wrong in silence.
"""

from collections.abc import Callable
from typing import Any, Protocol

import keras

from keras_vae.distributions import DiagonalNormal, Posterior, StandardNormal
from keras_vae.errors import DoesNotApply

__all__ = [
    "needs_diagonal_normal",
    "needs_known_rate",
    "needs_normal",
    "needs_standard_normal",
    "reason_against",
]


class Parts(Protocol):
    """What is asked of a VAE."""

    posterior_family: Posterior
    prior: keras.Layer

    @property
    def has_exact_rate(self) -> bool: ...


def needs_diagonal_normal(vae: Parts) -> None:
    """Passes a VAE whose q(z|x) is a diagonal normal.

    Raises:
        DoesNotApply: for any other.
    """
    _needs("q(z|x)", vae.posterior_family, DiagonalNormal)


def needs_known_rate(vae: Parts) -> None:
    """Passes a VAE whose q(z|x) is a diagonal normal, with KL(q(z|x) || p(z)) in closed form.

    Raises:
        DoesNotApply: for any other.
    """
    needs_diagonal_normal(vae)
    if not vae.has_exact_rate:
        raise DoesNotApply(
            f"does not apply: it needs KL(q(z|x) || p(z)) in closed form, which is not known for "
            f"the p(z) of this model, a {type(vae.prior).__name__}"
        )


def needs_normal(vae: Parts) -> None:
    """Passes a VAE whose q(z|x) is a normal distribution of any covariance.

    Raises:
        DoesNotApply: for any other.
    """
    if type(vae.posterior_family).inverse is Posterior.inverse:
        raise DoesNotApply(
            f"does not apply: it is defined where q(z|x) is normal; the z of this model's "
            f"{type(vae.posterior_family).__name__} is not an affine function of noise"
        )


def needs_standard_normal(vae: Parts) -> None:
    """Passes a VAE whose q(z|x) is a diagonal normal and whose p(z) is N(0, I).

    Raises:
        DoesNotApply: for any other.
    """
    needs_diagonal_normal(vae)
    _needs("p(z)", vae.prior, StandardNormal)


def reason_against(precondition: Callable[[Any], None], vae: Parts) -> str | None:
    """Why something does not apply to a VAE, in words; None where it does."""
    try:
        precondition(vae)
    except DoesNotApply as reason:
        return str(reason)
    return None


def _needs(name: str, part: object, kind: type) -> None:
    if not isinstance(part, kind):
        raise DoesNotApply(
            f"does not apply: it is defined where {name} is a {kind.__name__}; this model has a "
            f"{type(part).__name__}"
        )
