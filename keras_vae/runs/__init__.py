"""A run from end to end, and the folder that it leaves.

Each part is loaded when it is first asked for: who reads a run needs no training, no diagnosis.
"""

from keras_vae.lazy_names import lazy_names

__all__, __getattr__, __dir__ = lazy_names(__name__, __file__)
