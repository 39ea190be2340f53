"""How large is log p(x)? Its lower bound, and what a model without z reaches."""

from keras_vae.evidence.baseline import independent_log_evidence
from keras_vae.evidence.evaluate import Evaluation, evaluate, posterior_terms
from keras_vae.evidence.linear_gaussian import LinearGaussian

__all__ = [
    "Evaluation",
    "LinearGaussian",
    "evaluate",
    "independent_log_evidence",
    "posterior_terms",
]
