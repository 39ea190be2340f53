"""Arrays -> numbers. NumPy and SciPy alone: nothing here knows a model."""

from keras_vae.measures.active_units import active_units
from keras_vae.measures.bits_per_dim import bits_per_dim
from keras_vae.measures.elbo_surgery import ElboSurgery, elbo_surgery
from keras_vae.measures.pareto_k import pareto_k, pareto_k_threshold, tail_size
from keras_vae.measures.standard_error import standard_error

__all__ = [
    "ElboSurgery",
    "active_units",
    "bits_per_dim",
    "elbo_surgery",
    "pareto_k",
    "pareto_k_threshold",
    "standard_error",
    "tail_size",
]
