"""A name, a path, an array or a table -> examples: load, check, split, binarise, batch.

Each part is loaded when it is first asked for: `tables/` needs no TensorFlow.
"""

from keras_vae.lazy_names import lazy_names

__all__, __getattr__, __dir__ = lazy_names(__name__, __file__)
