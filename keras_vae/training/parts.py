"""The prior, the family of posteriors and the objective that a config names."""

from typing import Any

from keras_vae.config import Config
from keras_vae.data import Dataset
from keras_vae.distributions import (
    POSTERIORS,
    PRIORS,
    Likelihood,
    MixturePrior,
    Posterior,
    Prior,
    VampPrior,
)
from keras_vae.errors import ConfigError
from keras_vae.objectives import BetaTC, Elbo, Iwae, Objective

__all__ = ["objective_of", "posterior_of", "prior_of"]

COMPONENTS = 500  # of a mixture, as Tomczak & Welling 2018 have it for MNIST


def prior_of(config: Config, dataset: Dataset, likelihood: Likelihood) -> Prior:
    """A new prior. The pseudo-inputs of a VampPrior stay within the range of each entry."""
    components = config.components or COMPONENTS
    if config.prior == "mixture":
        return MixturePrior(components, seed=config.seed)
    if config.prior != "vamp":
        return PRIORS[config.prior]()
    if dataset.schema is not None or dataset.is_conditional or dataset.train.mask is not None:
        raise ConfigError(
            f"--prior vamp learns inputs of the encoder, and {dataset.name} has entries that are "
            f"categories, gaps or conditions, which cannot be learned; choose --prior mixture or "
            f"flow"
        )
    if likelihood.is_binary:
        return VampPrior(components, 0.0, 1.0, seed=config.seed)
    low, high = dataset.train.x.min(axis=0), dataset.train.x.max(axis=0)
    return VampPrior(components, low, high, seed=config.seed)


def posterior_of(config: Config) -> Posterior:
    """A new family of q(z|x)."""
    return POSTERIORS[config.posterior]()


def objective_of(config: Config, examples: int) -> Objective:
    """What training minimises, over so many examples."""
    if config.objective == "iwae":
        return Iwae(config.samples, config.gradient, config.resampled)
    if config.objective == "beta-tc":
        return BetaTC(examples)
    options: dict[str, Any] = {"gradient": config.gradient, "capacity": config.capacity}
    return Elbo(config.free_nats, config.samples, **options)
