"""How large is log p(x)? Lower bounds, the exact linear case, and a model without z."""

from keras_vae.evidence.baseline import independent_log_evidence
from keras_vae.evidence.evaluate import Evaluation, evaluate, posterior_terms
from keras_vae.evidence.exact import ExactEvidence, exact_evidence
from keras_vae.evidence.importance import ImportanceWeighted, importance_weighted_bound
from keras_vae.evidence.linear_gaussian import LinearGaussian
from keras_vae.evidence.posterior_expectation import elbo_by_quadrature, posterior_kl

__all__ = [
    "Evaluation",
    "ExactEvidence",
    "ImportanceWeighted",
    "LinearGaussian",
    "elbo_by_quadrature",
    "evaluate",
    "exact_evidence",
    "importance_weighted_bound",
    "independent_log_evidence",
    "posterior_kl",
    "posterior_terms",
]
