"""A VAE and data -> pictures of what it learned."""

from pathlib import Path

import numpy as np

from keras_vae import plots
from keras_vae.data import binarize
from keras_vae.distributions import normal_posterior
from keras_vae.elbo import latent_rates
from keras_vae.errors import RunError
from keras_vae.evidence import independent_log_evidence, posterior_terms

__all__ = ["draw"]

MAP_EXAMPLES = 5000
MANIFOLD_SIDE = 20
TRAVERSED_LATENTS = 10
TRAVERSAL_REACH = 3.0  # standard deviations of the prior
STEPS = 11


def draw(vae, dataset, folder, binarization="none", history=None, best_epoch=None, only=None):
    """Draws what a VAE learned, from test examples.

    Args:
        vae: any trained `VAE`.
        dataset: `Dataset` whose test split is shown.
        folder: receives one PNG a picture; made if missing.
        binarization: how the examples were binarised for training.
        history: what `fit` reported, by name, a value an epoch; no history is drawn if None.
        best_epoch: epoch, from 1, of the checkpoint that `vae` is, to be marked in the history.
        only: names of the pictures to draw; all that apply if None.

    Returns:
        List of the `Path`s written: `latent_map`, `reconstructions`, `samples`,
        `interpolation`, `history`, and `manifold` for 2 latents or `traversals` otherwise.

    Raises:
        RunError: if a picture does not apply to this model, or cannot be written.
    """
    x = binarize(dataset.test.x, binarization, "test")
    figures = {
        "latent_map": lambda: _latent_map(vae, dataset, x[:MAP_EXAMPLES]),
        "reconstructions": lambda: _reconstructions(vae, x[:20]),
        "samples": lambda: plots.samples(vae.generate(64, seed=0)),
        "interpolation": lambda: _interpolation(vae, x[:10]),
    }
    if history is not None:
        figures["history"] = lambda: _history(vae, dataset, binarization, history, best_epoch)
    if vae.latent_dim == 2:
        figures["manifold"] = lambda: _manifold(vae)
    else:
        figures["traversals"] = lambda: _traversals(vae, x[:MAP_EXAMPLES])
    wanted = list(figures) if only is None else only
    for name in wanted:
        if name not in figures:
            raise RunError(
                f"no picture {name!r} of a model with {vae.latent_dim} latents; expected one "
                f"of {', '.join(figures)}"
            )
    folder = Path(folder)
    paths = [folder / f"{name}.png" for name in wanted]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, path in zip(wanted, paths, strict=True):
            plots.save(figures[name](), path)
    except OSError as error:
        raise RunError(f"{folder}: cannot be written ({error.strerror or error})") from error
    return paths


def _latent_map(vae, dataset, x):
    z_mean, _ = vae.encode(x)
    labels = None if dataset.test.labels is None else dataset.test.labels[: len(x)]
    return plots.latent_map(z_mean, labels, dataset.class_names)


def _manifold(vae):
    return plots.manifold(vae.decode(plots.manifold_nodes(MANIFOLD_SIDE)), MANIFOLD_SIDE)


def _traversals(vae, x):
    """The latents with the most nats, each moved alone from the code of the first example."""
    z_mean, z_log_var = vae.encode(x)
    prior = vae.prior.distribution(vae.latent_dim)
    rates = np.mean(latent_rates(normal_posterior(z_mean, z_log_var), prior), axis=0)
    latents = np.argsort(-rates)[:TRAVERSED_LATENTS]
    nodes = plots.traversal_nodes(z_mean[0], latents, STEPS, TRAVERSAL_REACH)
    return plots.traversals(vae.decode(nodes), latents, STEPS, TRAVERSAL_REACH, rates[latents])


def _reconstructions(vae, x):
    distortion, _ = posterior_terms(vae, x, samples=10)
    return plots.reconstructions(x, vae.predict(x, verbose=0), distortion)


def _interpolation(vae, x):
    """Straight lines in the latent space between pairs of examples."""
    z_mean, _ = vae.encode(x)
    pairs = len(z_mean) // 2
    nodes = plots.interpolation_nodes(z_mean[:pairs], z_mean[pairs : 2 * pairs], STEPS)
    return plots.interpolation(vae.decode(nodes), STEPS)


def _history(vae, dataset, binarization, history, best_epoch):
    columns = {**history, "epoch": range(1, len(history["elbo"]) + 1)}
    baseline = independent_log_evidence(vae.likelihood, dataset, binarization, "validation")
    return plots.history(columns, float(np.mean(baseline)), best_epoch)
