"""Config and data -> a trained VAE, its history and its best checkpoint."""

from keras_vae.training.best_checkpoint import BestCheckpoint
from keras_vae.training.build import build_vae
from keras_vae.training.checkpoint import CHECKPOINTS, Checkpoint, has_checkpoint
from keras_vae.training.distribute import is_chief, make_strategy
from keras_vae.training.families import likelihood_of
from keras_vae.training.nonfinite import TerminateOnNonFinite
from keras_vae.training.progress import ProgressBar
from keras_vae.training.train import Training, train
from keras_vae.training.warmup import CapacityWarmup, KLWarmup

__all__ = [
    "CHECKPOINTS",
    "BestCheckpoint",
    "CapacityWarmup",
    "Checkpoint",
    "KLWarmup",
    "ProgressBar",
    "TerminateOnNonFinite",
    "Training",
    "build_vae",
    "has_checkpoint",
    "is_chief",
    "likelihood_of",
    "make_strategy",
    "train",
]
