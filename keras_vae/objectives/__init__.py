"""What training minimises, made of the terms of the bound: one objective a file."""

from keras_vae.objectives.base import Objective
from keras_vae.objectives.elbo import Elbo

__all__ = ["OBJECTIVES", "Elbo", "Objective"]

OBJECTIVES = {"elbo": Elbo}
