"""All that is known of log p(x), and of what lies between it and the ELBO, for one split."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from keras_vae.aliases import Tell
from keras_vae.data import count, part_of, take
from keras_vae.evaluation.evaluate import describe_split
from keras_vae.evaluation.evidence_figures import (
    annealed_figures,
    bound_figures,
    gap_figures,
    identity_figures,
    surgery_figures,
)
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
from keras_vae.evidence.importance import ImportanceWeighted, importance_weighted_bound
from keras_vae.evidence.sampled_surgery import SampledSurgery, sampled_surgery
from keras_vae.evidence.simulated import importance_gap
from keras_vae.figure_tables import evidence_tables, html_tables
from keras_vae.measures import ElboSurgery, active_units, elbo_surgery
from keras_vae.preconditions import (
    needs_cheap_log_prob,
    needs_inverse,
    needs_searchable_posterior,
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
        surgery: of the whole split: `ElboSurgery`, by closed forms, where q(z|x) is a diagonal
            normal and p(z) = N(0, I); of any other model `SampledSurgery`, by draws; None where it
            does not apply.
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
    surgery: ElboSurgery | SampledSurgery | None
    is_active: np.ndarray
    annealed: AnnealedEvidence | None
    certificate: BidirectionalGap | None
    gaps: InferenceGaps | None
    protocol: str
    does_not_apply: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The figures, means over examples, as a dictionary that `json` can write."""
        figures = {
            "identity": identity_figures(self.identity),
            "importance_weighted": bound_figures(self.bound, self.identity, self.simulated_gap),
        }
        if self.surgery is not None:
            figures["surgery"] = surgery_figures(self.surgery, self.is_active)
        if self.annealed is not None:
            figures["annealed"] = annealed_figures(
                self.annealed, self.certificate, self.identity.log_evidence
            )
        if self.gaps is not None:
            figures["gaps"] = gap_figures(self.gaps)
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
    if annealed:
        progress(f"annealed importance sampling of {count(first)} examples")
        annealing = annealed_evidence(vae, first, CHAINS, STEPS, seed=seed)
        if not identity.is_exact:
            best = np.maximum(best, annealing.log_evidence)
    if annealed and "certificate" not in does_not_apply:
        progress(f"bounds from both sides on {SIMULATED_EXAMPLES} simulated examples")
        certificate = bidirectional_gap(
            vae, SIMULATED_EXAMPLES, CHAINS, STEPS, seed=seed, conditions=conditions
        )
    found = None
    if gaps and "gaps" not in does_not_apply:
        progress(f"the best q(z|x) for each of {count(first)} examples")
        found = inference_gaps(vae, first, best, seed=seed)
    progress("aggregated posterior")
    surgery: ElboSurgery | SampledSurgery | None = None
    if reason_against(needs_standard_normal, vae) is None:
        surgery = elbo_surgery(z_mean, z_log_var, seed=seed)
    elif "surgery" not in does_not_apply:
        surgery = sampled_surgery(vae, everything, seed=seed)
    return EvidenceReport(
        x=x,
        identity=identity,
        bound=bound,
        simulated_gap=simulated_gap,
        surgery=surgery,
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
    asked = {"surgery": needs_cheap_log_prob}
    asked |= {"certificate": needs_inverse} if annealed else {}
    asked |= {"gaps": needs_searchable_posterior} if gaps else {}
    reasons = {name: reason_against(needed, vae) for name, needed in asked.items()}
    return {name: reason for name, reason in reasons.items() if reason}
