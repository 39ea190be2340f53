"""The figures of models, example by example."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_vae.aliases import Tell
from keras_vae.data import Dataset, take
from keras_vae.evaluation.baseline import independent_log_evidence
from keras_vae.evidence import exact_evidence, importance_weighted_bound, posterior_terms
from keras_vae.evidence.exact import MOST_LATENTS
from keras_vae.measures import active_units
from keras_vae.terms import elbo
from keras_vae.vae import VAE

__all__ = ["Evidence", "evidence_of", "first_of", "ks_up_to", "terms_of"]


def terms_of(
    vae: VAE, dataset: Dataset, split: str, samples: int, seed: int
) -> tuple[dict[str, np.ndarray], int]:
    """What each example is worth under a model, and how many latents vary.

    Args:
        vae: `VAE`.
        dataset: `Dataset`, as the model sees it.
        split: of it.
        samples, seed: draws of z for each example, and of which seed.

    Returns:
        ({"elbo", "distortion", "rate", "gain"}: float64 (N,), nats; the number of active units).
    """
    x = dataset.given(split)
    distortion, rate = posterior_terms(vae, x, samples, seed)
    elbos = elbo(distortion, rate)
    gain = elbos - independent_log_evidence(vae.likelihood, dataset, split)
    terms = {"elbo": elbos, "distortion": distortion, "rate": rate, "gain": gain}
    return terms, int(active_units(vae.encode(x)[0]).sum())


@dataclass(frozen=True)
class Evidence:
    """log p(x) of the same examples under several models, all by one estimator; nats.

    Attributes:
        values: float64 (N,) for each model.
        method: the estimator, in words.
        doubts: for each model why its values may be too low: sentences, or none.
    """

    values: list[np.ndarray]
    method: str
    doubts: list[list[str]]


def evidence_of(
    vaes: Sequence[VAE], given: Sequence[Any], k: int, seed: int, progress: Tell
) -> Evidence:
    """log p(x), exact if it is so for every model, else L_K of each: a bound is never compared
    with an exact value.

    Args:
        vaes: `VAE`s.
        given: the examples, as each of them is given them.
        k, seed: number of samples of the importance-weighted bound L_K, and of which seed.
        progress: called with what is being computed.
    """
    if all(vae.latent_dim <= MOST_LATENTS for vae in vaes):
        progress("log p(x), by quadrature")
        exact = _all_exact(vaes, given)
        if exact is not None:
            return Evidence(exact, "exact, by quadrature", [[] for _ in vaes])
    progress(f"importance-weighted bound, K = {k}")
    bounds = [
        importance_weighted_bound(vae, x, ks_up_to(k), seed)
        for vae, x in zip(vaes, given, strict=True)
    ]
    return Evidence(
        [bound.bounds[-1] for bound in bounds],
        f"L_{k}, a lower bound",
        [bound.doubts for bound in bounds],
    )


def _all_exact(vaes: Sequence[VAE], given: Sequence[Any]) -> list[np.ndarray] | None:
    """log p(x) of each; None as soon as one of them is not exact."""
    values = []
    for vae, x in zip(vaes, given, strict=True):
        try:
            exact = exact_evidence(vae, x)
        except ValueError:  # posterior means too far for a grid
            return None
        if not exact.is_exact.all():
            return None
        values.append(exact.log_evidence)
    return values


def ks_up_to(k: int) -> list[int]:
    """K and a tenth of it, which says whether L_K still rises."""
    return sorted({max(k // 10, 1), k})


def first_of(dataset: Dataset, split: str, examples: int) -> Any:
    """The first examples of a split, as a model is given them."""
    return take(dataset.given(split), slice(examples))
