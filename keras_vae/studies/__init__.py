"""Several models: which of them is better, and whether the data can tell.

Each part is loaded when it is first asked for: to plan a sweep and to read one needs no TensorFlow.
"""

from keras_vae.lazy_names import lazy_names

__all__, __getattr__, __dir__ = lazy_names(__name__, __file__)
