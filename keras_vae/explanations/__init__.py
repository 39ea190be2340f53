"""A model and its data -> answers to what learners ask of VAEs, each with this model's numbers."""

from keras_vae.lazy_names import lazy_names

__all__, __getattr__, __dir__ = lazy_names(__name__, __file__)
