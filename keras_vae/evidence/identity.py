"""log p(x) = ELBO + KL(q(z|x) || p(z|x)): the identity that training rests on, in numbers."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_vae.evidence.exact import EXACT_ERROR, MOST_LATENTS, ExactEvidence, exact_evidence
from keras_vae.evidence.examples import examples_for
from keras_vae.evidence.importance import ImportanceWeighted, importance_weighted_bound
from keras_vae.evidence.posterior_expectation import elbo_by_quadrature, posterior_kl
from keras_vae.evidence.posterior_terms import posterior_terms
from keras_vae.terms import elbo
from keras_vae.vae import VAE

__all__ = [
    "EvidenceIdentity",
    "evidence_identity",
    "identity_by_quadrature",
    "identity_by_sampling",
]

ELBO_SAMPLES = 100


@dataclass(frozen=True)
class EvidenceIdentity:
    """The three terms for each example, float64 (N,), nats.

    Attributes:
        log_evidence: log p(x): exact for up to 3 latents, else the lower bound L_K.
        elbo: by quadrature for up to 3 latents, else the mean over 100 draws of z.
        posterior_kl: KL(q(z|x) || p(z|x)): for up to 3 latents from the true posterior, on its
            own; else L_K - ELBO, at most the true gap.
        error: of `log_evidence`: between the rules of quadrature, or the standard error of L_K.
        method: how log p(x) was found, in words.
        is_exact: whether quadrature found it within `EXACT_ERROR` nats for every example.
    """

    log_evidence: np.ndarray
    elbo: np.ndarray
    posterior_kl: np.ndarray
    error: np.ndarray
    method: str
    is_exact: bool

    @property
    def residual(self) -> np.ndarray:
        """|log p(x) - ELBO - KL(q(z|x) || p(z|x))|, (N,), nats: 0 but for errors of quadrature;
        0 by definition where `method` is L_K."""
        return np.abs(self.log_evidence - self.elbo - self.posterior_kl)


def evidence_identity(vae: VAE, x: Any, samples: int = 1000, seed: int = 0) -> EvidenceIdentity:
    """The terms of log p(x) = ELBO + KL(q(z|x) || p(z|x)), each on its own where that can be.

    Args:
        vae: `VAE`.
        x: (N, *event_shape), as the likelihood sees them (binarised if need be).
        samples: K of the bound that stands for log p(x) above 3 latents.
        seed: of the draws of z above 3 latents; quadrature draws none.

    Returns:
        `EvidenceIdentity`.
    """
    x = examples_for(vae, x)
    if vae.latent_dim > MOST_LATENTS:
        return identity_by_sampling(
            vae, x, importance_weighted_bound(vae, x, [samples], seed), seed
        )
    return identity_by_quadrature(vae, x, exact_evidence(vae, x))


def identity_by_quadrature(vae: VAE, x: Any, exact: ExactEvidence) -> EvidenceIdentity:
    """The same for up to 3 latents, with `exact_evidence` of x that is there already."""
    is_exact = bool(exact.is_exact.all())
    return EvidenceIdentity(
        log_evidence=exact.log_evidence,
        elbo=elbo_by_quadrature(vae, x),
        posterior_kl=posterior_kl(vae, x, exact.log_normaliser),
        error=exact.error,
        method="exact, by quadrature" if is_exact else _not_exact(exact.is_exact),
        is_exact=is_exact,
    )


def identity_by_sampling(
    vae: VAE, x: Any, bound: ImportanceWeighted, seed: int = 0
) -> EvidenceIdentity:
    """The same for any number of latents, with an `ImportanceWeighted` bound of x for log p(x)."""
    elbos = elbo(*posterior_terms(vae, x, ELBO_SAMPLES, seed))
    return EvidenceIdentity(
        log_evidence=bound.bounds[-1],
        elbo=elbos,
        posterior_kl=bound.bounds[-1] - elbos,
        error=bound.standard_error,
        method=f"L_{bound.ks[-1]}, a lower bound",
        is_exact=False,
    )


def _not_exact(is_exact: np.ndarray) -> str:
    return (
        f"quadrature, not exact: its rules differ by more than {EXACT_ERROR} nats "
        f"for {np.sum(~is_exact)} of {len(is_exact)} examples"
    )
