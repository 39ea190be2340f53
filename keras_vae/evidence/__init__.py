"""How large is log p(x)? Bounds, exact values for few latents, and what lies between them."""

from keras_vae.evidence.annealed import (
    AnnealedEvidence,
    BidirectionalGap,
    annealed_evidence,
    bidirectional_gap,
)
from keras_vae.evidence.baseline import independent_log_evidence, log_evidence_without_z
from keras_vae.evidence.evaluate import Evaluation, evaluate, posterior_terms
from keras_vae.evidence.exact import ExactEvidence, exact_evidence
from keras_vae.evidence.examples import binarization_for, examples_for
from keras_vae.evidence.gaps import InferenceGaps, inference_gaps
from keras_vae.evidence.identity import EvidenceIdentity, evidence_identity
from keras_vae.evidence.importance import ImportanceWeighted, importance_weighted_bound
from keras_vae.evidence.linear_gaussian import LinearGaussian
from keras_vae.evidence.posterior_expectation import elbo_by_quadrature, posterior_kl
from keras_vae.evidence.posterior_grid import posterior_grid
from keras_vae.evidence.report import EvidenceReport, evidence_report
from keras_vae.evidence.simulated import importance_gap, simulate
from keras_vae.evidence.track import TrackEvidence

__all__ = [
    "AnnealedEvidence",
    "BidirectionalGap",
    "Evaluation",
    "EvidenceIdentity",
    "EvidenceReport",
    "ExactEvidence",
    "ImportanceWeighted",
    "InferenceGaps",
    "LinearGaussian",
    "TrackEvidence",
    "annealed_evidence",
    "bidirectional_gap",
    "binarization_for",
    "elbo_by_quadrature",
    "evaluate",
    "evidence_identity",
    "evidence_report",
    "exact_evidence",
    "examples_for",
    "importance_gap",
    "importance_weighted_bound",
    "independent_log_evidence",
    "inference_gaps",
    "log_evidence_without_z",
    "posterior_grid",
    "posterior_kl",
    "posterior_terms",
    "simulate",
]
