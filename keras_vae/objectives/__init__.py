"""What training minimises, made of the terms of the bound: one objective a file."""

from keras_vae.objectives.base import Objective
from keras_vae.objectives.beta_tc import BetaTC
from keras_vae.objectives.elbo import Elbo
from keras_vae.objectives.iwae import Iwae

__all__ = ["OBJECTIVES", "BetaTC", "Elbo", "Iwae", "Objective"]

OBJECTIVES = {"elbo": Elbo, "iwae": Iwae, "beta-tc": BetaTC}
