"""How large is log p(x)? Its lower bound, and what a model without z reaches."""

from keras_vae.evidence.baseline import independent_log_evidence
from keras_vae.evidence.evaluate import Evaluation, evaluate, posterior_terms

__all__ = ["Evaluation", "evaluate", "independent_log_evidence", "posterior_terms"]
