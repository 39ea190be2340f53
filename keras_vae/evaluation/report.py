"""All that is known of log p(x), and of what lies between it and the ELBO, for one split."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from keras_vae.aliases import Tell
from keras_vae.data import count, part_of, take
from keras_vae.evaluation.evaluate import describe_split
from keras_vae.evidence.annealed import (
    AnnealedEvidence,
    BidirectionalGap,
    annealed_evidence,
    bidirectional_gap,
)
from keras_vae.evidence.exact import MOST_LATENTS
from keras_vae.evidence.examples import dataset_for, examples_for
from keras_vae.evidence.gaps import InferenceGaps, inference_gaps
from keras_vae.evidence.identity import EvidenceIdentity, evidence_identity, identity_by_sampling
from keras_vae.evidence.importance import (
    MOST_STILL_RISING,
    ImportanceWeighted,
    importance_weighted_bound,
)
from keras_vae.evidence.simulated import importance_gap
from keras_vae.figure_tables import evidence_tables, html_tables
from keras_vae.measures import ElboSurgery, active_units, elbo_surgery, standard_error
from keras_vae.preconditions import (
    needs_known_rate,
    needs_normal,
    needs_standard_normal,
    reason_against,
)
from keras_vae.vae import VAE

__all__ = ["EvidenceReport", "evidence_report"]

# What takes minutes is done for the first examples only.
SLOW_EXAMPLES = 100
CHAINS, STEPS = 4, 500
SIMULATED_EXAMPLES = 50
# What is cheap, for more of them.
SIMULATED_FOR_BOUND = 200


@dataclass(frozen=True)
class EvidenceReport:
    """Estimates of log p(x) and its parts, example by example; nats.

    Attributes:
        x: (N, *event_shape): the examples, as the model is given them.
        identity: `EvidenceIdentity` of all of them.
        bound: `ImportanceWeighted` of all of them.
        simulated_gap: float64: how far at most L_K at the largest K is from log p(x), for
            examples that the model drew itself (`importance_gap`).
        surgery: `ElboSurgery` of the whole split; None where it does not apply.
        is_active: bool (d,): the latents whose posterior mean varies over the split.
        annealed: `AnnealedEvidence` of the first examples, or None.
        certificate: `BidirectionalGap` of the same schedule on simulated examples, or None.
        gaps: `InferenceGaps` of the first examples, or None.
        protocol: what the numbers depend on, in words.
        does_not_apply: name of a part that was asked for and is not there -> why.
    """

    x: Any
    identity: EvidenceIdentity
    bound: ImportanceWeighted
    simulated_gap: np.ndarray
    surgery: ElboSurgery | None
    is_active: np.ndarray
    annealed: AnnealedEvidence | None
    certificate: BidirectionalGap | None
    gaps: InferenceGaps | None
    protocol: str
    does_not_apply: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The figures, means over examples, as a dictionary that `json` can write."""
        figures = {
            "identity": _identity_figures(self.identity),
            "importance_weighted": _bound_figures(self.bound, self.identity, self.simulated_gap),
        }
        if self.surgery is not None:
            figures["surgery"] = _surgery_figures(self.surgery, self.is_active)
        if self.annealed is not None and self.certificate is not None:
            figures["annealed"] = _annealed_figures(
                self.annealed, self.certificate, self.identity.log_evidence
            )
        if self.gaps is not None:
            figures["gaps"] = _gap_figures(self.gaps)
        if self.does_not_apply:
            figures["does_not_apply"] = self.does_not_apply
        return {**figures, "protocol": self.protocol}

    def _repr_html_(self) -> str:
        return html_tables(evidence_tables(self.to_dict()))


def evidence_report(
    vae: VAE,
    data: Any,
    binarization: str | None = None,
    split: str | None = None,
    examples: int = 200,
    ks: Sequence[int] = (1, 10, 100, 1000),
    annealed: bool = False,
    gaps: bool = False,
    seed: int = 0,
    progress: Tell = lambda what: None,
) -> EvidenceReport:
    """Shows log p(x) = ELBO + KL(q(z|x) || p(z|x)) in numbers; the same arguments give the same.

    Args:
        vae: `VAE`.
        data, binarization, split: as for `evaluate`.
        examples: how many of the split to look at, at least 2; all if it has fewer.
        ks: numbers of samples of the importance-weighted bound.
        annealed: whether to run annealed importance sampling on the first 100 examples, and to
            certify its schedule on simulated ones; minutes.
        gaps: whether to optimise q(z|x) for each of the first 100 examples; a minute or more.
        seed: of every draw.
        progress: called with the name of each part before it is computed.

    Returns:
        `EvidenceReport`.
    """
    dataset = dataset_for(vae, data, binarization)
    split = split or dataset.shown_split
    everything = examples_for(vae, dataset.given(split))
    x = take(everything, slice(examples))
    progress(f"importance-weighted bound, K up to {max(ks)}")
    bound = importance_weighted_bound(vae, x, ks, seed)
    # what a conditional model simulates has the conditions of these examples
    conditions = part_of(x, "condition")
    simulated_gap = importance_gap(vae, SIMULATED_FOR_BOUND, max(*ks, 2), seed, conditions)
    progress("log p(x)")
    if vae.latent_dim <= MOST_LATENTS:
        identity = evidence_identity(vae, x)
    else:
        identity = identity_by_sampling(vae, x, bound, seed)
    does_not_apply = _not_applicable(vae, annealed, gaps)
    z_mean, z_log_var = vae.encode(everything)
    first = take(x, slice(SLOW_EXAMPLES))
    best = identity.log_evidence[: count(first)]
    annealing = certificate = None
    if annealed and "annealed" not in does_not_apply:
        progress(f"annealed importance sampling of {count(first)} examples")
        annealing = annealed_evidence(vae, first, CHAINS, STEPS, seed=seed)
        progress(f"bounds from both sides on {SIMULATED_EXAMPLES} simulated examples")
        certificate = bidirectional_gap(
            vae, SIMULATED_EXAMPLES, CHAINS, STEPS, seed=seed, conditions=conditions
        )
        if not identity.is_exact:
            best = np.maximum(best, annealing.log_evidence)
    found = None
    if gaps and "gaps" not in does_not_apply:
        progress(f"the best q(z|x) for each of {count(first)} examples")
        found = inference_gaps(vae, first, best, seed=seed)
    progress("aggregated posterior")
    return EvidenceReport(
        x=x,
        identity=identity,
        bound=bound,
        simulated_gap=simulated_gap,
        surgery=(
            None if "surgery" in does_not_apply else elbo_surgery(z_mean, z_log_var, seed=seed)
        ),
        is_active=active_units(z_mean),
        annealed=annealing,
        certificate=certificate,
        gaps=found,
        protocol=(
            f"{describe_split(dataset, split)}, first {count(x)} of {count(everything)} "
            f"examples (surgery: all); {dataset.protocol(split)}; "
            f"seed {seed}; beta 1"
        ),
        does_not_apply=does_not_apply,
    )


def _not_applicable(vae: VAE, annealed: bool, gaps: bool) -> dict[str, str]:
    """Name of each part that is asked for and is not defined for this model -> why."""
    asked = {"surgery": needs_standard_normal}
    asked |= {"annealed": needs_normal} if annealed else {}
    asked |= {"gaps": needs_known_rate} if gaps else {}
    reasons = {name: reason_against(needed, vae) for name, needed in asked.items()}
    return {name: reason for name, reason in reasons.items() if reason}


def _mean(name: str, values: np.ndarray) -> dict[str, float]:
    """A mean over examples with its standard error."""
    return {name: float(np.mean(values)), f"{name}_standard_error": standard_error(values)}


def _identity_figures(identity: EvidenceIdentity) -> dict[str, Any]:
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


def _bound_figures(
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


def _surgery_figures(surgery: ElboSurgery, is_active: np.ndarray) -> dict[str, Any]:
    return {
        "examples": surgery.examples,
        "rate": surgery.rate,
        "mutual_information": surgery.mutual_information,
        "mutual_information_standard_error": surgery.mutual_information_standard_error,
        "marginal_kl": surgery.marginal_kl,
        "marginal_kl_standard_error": surgery.marginal_kl_standard_error,
        "ceiling": surgery.ceiling,
        "is_saturated": surgery.is_saturated,
        "active_units": int(is_active.sum()),
        "latent_rates": surgery.latent_rates.tolist(),
        "aggregated_mean": surgery.aggregated_mean.tolist(),
        "aggregated_variance": surgery.aggregated_variance.tolist(),
    }


def _annealed_figures(
    annealed: AnnealedEvidence, certificate: BidirectionalGap, log_evidence: np.ndarray
) -> dict[str, Any]:
    difference = annealed.log_evidence - log_evidence[: len(annealed.log_evidence)]
    return {
        "examples": len(annealed.log_evidence),
        "chains": annealed.chains,
        "steps": annealed.steps,
        **_mean("log_evidence", annealed.log_evidence),
        # sqrt(sum of variances) / N: of the estimation, not over examples
        "estimation_error": float(np.sqrt(np.sum(annealed.standard_error**2)) / len(difference)),
        **_mean("above_log_evidence", difference),
        "acceptance": annealed.acceptance,
        "bidirectional_gap": certificate.gap,
        "bidirectional_gap_standard_error": certificate.standard_error,
    }


def _gap_figures(gaps: InferenceGaps) -> dict[str, Any]:
    return {
        "examples": len(gaps.elbo),
        **_mean("elbo", gaps.elbo),
        **_mean("optimized_elbo", gaps.optimized_elbo),
        **_mean("approximation_gap", gaps.approximation_gap),
        **_mean("amortization_gap", gaps.amortization_gap),
        "doubts": gaps.doubts,
    }
