"""Healthy models of each prior, family of q(z|x), objective and network."""

from keras_vae.data.defaults import WARMUP
from keras_vae.distributions import POSTERIORS, FlowPrior, MixturePrior, VampPrior
from keras_vae.objectives import BetaTC, Elbo, Iwae
from keras_vae.training.warmup import KLWarmup, warmup_epochs
from zoo.specimen import injector
from zoo.train import subject

__all__ = []

COMPONENTS = 50


def _prior(name, x, seed):
    if name == "vamp":
        return VampPrior(COMPONENTS, x.min(axis=0), x.max(axis=0), seed=seed)
    return MixturePrior(COMPONENTS, seed=seed) if name == "mixture" else FlowPrior()


def _as_fit_does(cell, x, name):
    """The pseudo-inputs of a VampPrior start at examples, and beta rises."""
    if name != "vamp":
        return {}
    rising = KLWarmup(1.0, warmup_epochs(WARMUP, cell.epochs))
    return {"change": lambda vae: vae.prior.start_at(x), "callbacks": [rising]}


@injector(severities=("mixture", "vamp", "flow"))
def another_prior(cell, seed, severity):
    x, _ = cell.examples(seed)
    return subject(
        cell, seed, prior=_prior(severity, x, seed), **_as_fit_does(cell, x, severity)
    )  # fmt: skip


@injector(severities=("full", "iaf"))
def another_posterior(cell, seed, severity):
    return subject(cell, seed, posterior=POSTERIORS[severity]())


@injector(severities=("vamp full", "mixture full", "flow iaf"))
def another_prior_and_posterior(cell, seed, severity):
    prior, posterior = severity.split()
    x, _ = cell.examples(seed)
    return subject(
        cell, seed, prior=_prior(prior, x, seed), posterior=POSTERIORS[posterior](),
        **_as_fit_does(cell, x, prior),
    )  # fmt: skip


@injector(
    accepted=("objective_is_importance_weighted", "spare_latents"),
    severities=("stl", "iwae", "beta-tc"),
)
def another_objective(cell, seed, severity):
    objectives = {
        "stl": Elbo(samples=4, gradient="stl"),
        "iwae": Iwae(10, "dreg"),
        "beta-tc": BetaTC(len(cell.examples(seed)[0])),
    }
    return subject(cell, seed, objective=objectives[severity])


@injector()
def gated_layers(cell, seed, severity):
    return subject(cell, seed, network="gated_mlp")
