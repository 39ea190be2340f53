"""Arrays -> numbers. NumPy alone: nothing here knows a model."""

from keras_vae.measures.active_units import active_units
from keras_vae.measures.bits_per_dim import bits_per_dim
from keras_vae.measures.standard_error import standard_error

__all__ = ["active_units", "bits_per_dim", "standard_error"]
