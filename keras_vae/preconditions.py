"""What some figures take for granted of a model: asked before they are computed.

A formula for a diagonal normal q(z|x), or for p(z) = N(0, I), gives a number for any mean and
variance. Of another model that number would be wrong in silence.
"""

from collections.abc import Callable
from typing import Any, Protocol

import keras

from keras_vae.distributions import POSTERIORS, DiagonalNormal, Posterior, StandardNormal
from keras_vae.errors import DoesNotApply

__all__ = [
    "needs_cheap_log_prob",
    "needs_diagonal_normal",
    "needs_inverse",
    "needs_searchable_posterior",
    "needs_standard_normal",
    "reason_against",
]


class Parts(Protocol):
    """What is asked of a VAE."""

    posterior_family: Posterior
    prior: keras.Layer


def needs_cheap_log_prob(vae: Parts) -> None:
    """Passes a VAE whose q(z|x) gives log q(z|x) of any z in one pass.

    Raises:
        DoesNotApply: for any other.
    """
    if not vae.posterior_family.has_cheap_log_prob:
        raise DoesNotApply(
            f"does not apply: it needs log q(z|x) of each z under every x, for which the "
            f"{type(vae.posterior_family).__name__} of this model takes a pass for each latent"
        )


def needs_diagonal_normal(vae: Parts) -> None:
    """Passes a VAE whose q(z|x) is a diagonal normal.

    Raises:
        DoesNotApply: for any other.
    """
    _needs("q(z|x)", vae.posterior_family, DiagonalNormal)


def needs_inverse(vae: Parts) -> None:
    """Passes a VAE whose family of q(z|x) gives back the noise that a z was made of.

    Raises:
        DoesNotApply: for any other.
    """
    if type(vae.posterior_family).inverse is Posterior.inverse:
        raise DoesNotApply(
            f"does not apply: it starts at the noise that a known z is made of, and the "
            f"{type(vae.posterior_family).__name__} of this model does not define inverse, which "
            f"gives it back"
        )


def needs_searchable_posterior(vae: Parts) -> None:
    """Passes a VAE whose q(z|x) is of a family of this package, through which a search can go.

    Raises:
        DoesNotApply: for any other.
    """
    kind = type(vae.posterior_family)
    if not issubclass(kind, tuple(POSTERIORS.values())):
        names = ", ".join(family.__name__ for family in POSTERIORS.values())
        raise DoesNotApply(
            f"does not apply: the best q(z|x) is looked for in the families of keras_vae alone, "
            f"{names}; this model has a {kind.__name__} of {kind.__module__}"
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
