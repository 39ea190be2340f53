"""Arrays -> numbers, by NumPy, SciPy and scikit-learn: nothing here knows a model."""

from keras_vae.measures.active_units import active_units
from keras_vae.measures.bits_per_dim import bits_per_dim
from keras_vae.measures.collapse_threshold import collapse_threshold
from keras_vae.measures.elbo_surgery import ElboSurgery, elbo_surgery
from keras_vae.measures.implied_beta import ImpliedBeta, implied_beta
from keras_vae.measures.noise_audit import NoiseAudit, noise_audit
from keras_vae.measures.pareto_k import pareto_k, pareto_k_threshold, tail_size
from keras_vae.measures.shuffle_gap import shuffle_gap
from keras_vae.measures.standard_error import standard_error
from keras_vae.measures.two_sample import TwoSample, two_sample
from keras_vae.measures.variance_ratio import variance_ratio

__all__ = [
    "ElboSurgery",
    "ImpliedBeta",
    "NoiseAudit",
    "TwoSample",
    "active_units",
    "bits_per_dim",
    "collapse_threshold",
    "elbo_surgery",
    "implied_beta",
    "noise_audit",
    "pareto_k",
    "pareto_k_threshold",
    "shuffle_gap",
    "standard_error",
    "tail_size",
    "two_sample",
    "variance_ratio",
]
