"""Trainings of many steps, for models that must be good ones."""

import keras
import numpy as np

from keras_vae.data import TrainingBatches

__all__ = ["train"]


def train(vae, x, epochs, batch_size):
    """So many epochs as a single one, whose steps are one call of one graph: Keras takes longer to
    begin an epoch, or a step, than a step of a small model takes."""
    repeated = keras.tree.map_structure(lambda part: np.concatenate([part] * epochs), x)
    batches = TrainingBatches(repeated, batch_size)
    vae.steps_per_execution = batches.steps
    return vae.fit(batches, verbose=0).history
