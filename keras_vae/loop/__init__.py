"""How a model with an objective is trained by `fit`: it knows terms and batches, but no data."""

from keras_vae.loop.monitors import DIRECTIONS
from keras_vae.loop.optimizers import refuse_wrong
from keras_vae.loop.trainer import Trainer

__all__ = ["DIRECTIONS", "Trainer", "refuse_wrong"]
