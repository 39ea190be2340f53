"""The figures of an `EvidenceReport`, means over examples, as `json` can write them."""

from typing import Any

import numpy as np

from keras_vae.evidence.annealed import AnnealedEvidence, BidirectionalGap
from keras_vae.evidence.gaps import InferenceGaps
from keras_vae.evidence.identity import EvidenceIdentity
from keras_vae.evidence.importance import MOST_STILL_RISING, ImportanceWeighted
from keras_vae.evidence.sampled_surgery import SampledSurgery
from keras_vae.measures import ElboSurgery, standard_error

__all__ = [
    "annealed_figures",
    "bound_figures",
    "gap_figures",
    "identity_figures",
    "surgery_figures",
]


def _mean(name: str, values: np.ndarray) -> dict[str, float]:
    """A mean over examples with its standard error."""
    return {name: float(np.mean(values)), f"{name}_standard_error": standard_error(values)}


def identity_figures(identity: EvidenceIdentity) -> dict[str, Any]:
    return {
        "examples": len(identity.elbo),
        "method": identity.method,
        "is_exact": identity.is_exact,
        **_mean("log_evidence", identity.log_evidence),
        "largest_error": float(identity.error.max()),
        **_mean("elbo", identity.elbo),
        **_mean("posterior_kl", identity.posterior_kl),
        "mean_residual": float(identity.residual.mean()),
        "largest_residual": float(identity.residual.max()),
    }


def bound_figures(
    bound: ImportanceWeighted, identity: EvidenceIdentity, simulated_gap: np.ndarray
) -> dict[str, Any]:
    missing = identity.log_evidence - bound.bounds
    return {
        "k": list(bound.ks),
        "bound": [float(value) for value in bound.bounds.mean(axis=1)],
        "standard_error": [standard_error(values) for values in bound.bounds],
        # paired, example by example
        "below_log_evidence": [float(value) for value in missing.mean(axis=1)],
        "below_log_evidence_standard_error": [standard_error(values) for values in missing],
        "median_effective_samples": float(np.median(bound.effective_samples)),
        "share_trusted": float(bound.is_trusted.mean()),
        **_mean("simulated_gap", simulated_gap),
        "doubts": [*bound.doubts, *_simulated_doubts(simulated_gap)],
    }


def _simulated_doubts(gap: np.ndarray) -> list[str]:
    """The doubt that weights cannot raise by themselves: modes that no sample reached."""
    mean, error = float(np.mean(gap)), standard_error(gap)
    if mean - 2 * error <= MOST_STILL_RISING:
        return []
    return [
        f"on {len(gap)} examples drawn from the model, an upper bound lies {mean:.2f} ± "
        f"{error:.2f} nats higher"
    ]


def surgery_figures(surgery: ElboSurgery | SampledSurgery, is_active: np.ndarray) -> dict[str, Any]:
    """The rate and its parts; what the two kinds of surgery do not share is named after."""
    figures = {
        "examples": surgery.examples,
        "rate": surgery.rate,
        "mutual_information": surgery.mutual_information,
        "mutual_information_standard_error": surgery.mutual_information_standard_error,
        "marginal_kl": surgery.marginal_kl,
        "marginal_kl_standard_error": surgery.marginal_kl_standard_error,
        "ceiling": surgery.ceiling,
        "is_saturated": surgery.is_saturated,
        "active_units": int(is_active.sum()),
        "aggregated_mean": surgery.aggregated_mean.tolist(),
        "aggregated_variance": surgery.aggregated_variance.tolist(),
    }
    if isinstance(surgery, ElboSurgery):
        return {**figures, "latent_rates": surgery.latent_rates.tolist()}
    return {
        **figures,
        "rate_standard_error": surgery.rate_standard_error,
        "samples": surgery.samples,
        "prior_mean": surgery.prior_mean.tolist(),
        "prior_variance": surgery.prior_variance.tolist(),
    }


def annealed_figures(
    annealed: AnnealedEvidence, certificate: BidirectionalGap | None, log_evidence: np.ndarray
) -> dict[str, Any]:
    difference = annealed.log_evidence - log_evidence[: len(annealed.log_evidence)]
    figures = {
        "examples": len(annealed.log_evidence),
        "chains": annealed.chains,
        "steps": annealed.steps,
        **_mean("log_evidence", annealed.log_evidence),
        # sqrt(sum of variances) / N: of the estimation, not over examples
        "estimation_error": float(np.sqrt(np.sum(annealed.standard_error**2)) / len(difference)),
        **_mean("above_log_evidence", difference),
        "acceptance": annealed.acceptance,
    }
    if certificate is None:
        return figures
    return {
        **figures,
        "bidirectional_gap": certificate.gap,
        "bidirectional_gap_standard_error": certificate.standard_error,
    }


def gap_figures(gaps: InferenceGaps) -> dict[str, Any]:
    return {
        "examples": len(gaps.elbo),
        "family": gaps.family,
        **_mean("elbo", gaps.elbo),
        **_mean("optimized_elbo", gaps.optimized_elbo),
        **_mean("approximation_gap", gaps.approximation_gap),
        **_mean("amortization_gap", gaps.amortization_gap),
        "doubts": gaps.doubts,
    }
