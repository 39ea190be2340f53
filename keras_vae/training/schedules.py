"""How the learning rate falls over a training."""

import keras
import numpy as np

from keras_vae.config import Config

__all__ = ["learning_rate_of"]

STAGES = 8  # of `"burda"`


def learning_rate_of(config: Config, steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
    """The learning rate of each step.

    Args:
        config: `Config`, of which `schedule` names one of:

            - `"cosine"`: a half cosine, to a hundredth (Loshchilov & Hutter 2017,
              arXiv:1608.03983).
            - `"burda"`: eight stages, the i-th 3^i times as long as the first, of the learning
              rates 10^(-i/7) (Burda et al. 2016, arXiv:1509.00519, section 5).
            - `"constant"`.
        steps: of the whole training.
    """
    first = config.learning_rate
    if config.schedule == "cosine":
        return keras.optimizers.schedules.CosineDecay(first, steps, alpha=0.01)
    if config.schedule == "burda":
        stages = np.arange(STAGES)
        ends = np.cumsum(3**stages) * (steps / np.sum(3**stages))
        return keras.optimizers.schedules.PiecewiseConstantDecay(
            [round(end) for end in ends[:-1]], (first * 10 ** (-stages / (STAGES - 1))).tolist()
        )
    return keras.optimizers.schedules.PiecewiseConstantDecay([steps], [first, first])
