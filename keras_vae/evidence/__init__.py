"""How large is log p(x)? Bounds, exact values for few latents, and what lies between them."""

from keras_vae.evidence.annealed import (
    AnnealedEvidence,
    BidirectionalGap,
    annealed_evidence,
    bidirectional_gap,
)
from keras_vae.evidence.exact import ExactEvidence, exact_evidence
from keras_vae.evidence.examples import dataset_for, examples_for
from keras_vae.evidence.gaps import InferenceGaps, inference_gaps
from keras_vae.evidence.identity import EvidenceIdentity, evidence_identity
from keras_vae.evidence.importance import ImportanceWeighted, importance_weighted_bound
from keras_vae.evidence.linear_gaussian import LinearGaussian
from keras_vae.evidence.posterior_expectation import elbo_by_quadrature, posterior_kl
from keras_vae.evidence.posterior_grid import posterior_grid
from keras_vae.evidence.posterior_terms import posterior_terms
from keras_vae.evidence.sampled_surgery import SampledSurgery, sampled_surgery
from keras_vae.evidence.simulated import importance_gap, simulate

__all__ = [
    "AnnealedEvidence",
    "BidirectionalGap",
    "EvidenceIdentity",
    "ExactEvidence",
    "ImportanceWeighted",
    "InferenceGaps",
    "LinearGaussian",
    "SampledSurgery",
    "annealed_evidence",
    "bidirectional_gap",
    "dataset_for",
    "elbo_by_quadrature",
    "evidence_identity",
    "exact_evidence",
    "examples_for",
    "importance_gap",
    "importance_weighted_bound",
    "inference_gaps",
    "posterior_grid",
    "posterior_kl",
    "posterior_terms",
    "sampled_surgery",
    "simulate",
]
