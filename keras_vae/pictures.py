"""A VAE and data -> pictures of what it learned."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from keras_vae import plots
from keras_vae.aliases import PathLike
from keras_vae.conditions import described_condition
from keras_vae.data import Dataset, array_of, count, part_of, take
from keras_vae.distributions import Columns
from keras_vae.errors import RunError
from keras_vae.evaluation import EvidenceReport, independent_log_evidence
from keras_vae.evidence import dataset_for, examples_for, posterior_grid, posterior_terms
from keras_vae.evidence.latent_order import latents_by_rate, order_words
from keras_vae.evidence.prior_draws import prior_draws
from keras_vae.files.names import picture_names
from keras_vae.measures import ElboSurgery, standard_error
from keras_vae.table_pictures import table_pictures
from keras_vae.vae import VAE

__all__ = ["draw", "draw_evidence", "evidence_figures_of", "figures_of"]

MAP_EXAMPLES = 5000
MANIFOLD_SIDE = 20
TRAVERSED_LATENTS = 10
POSTERIORS = 6
TRAVERSAL_REACH = 3.0  # standard deviations of the prior
STEPS = 11
SAMPLES = 64


def draw(
    vae: VAE,
    data: Any,
    folder: PathLike = "plots",
    binarization: str | None = None,
    history: Mapping[str, Sequence[float]] | None = None,
    best_epoch: int | None = None,
    evidence: Mapping[str, Any] | None = None,
    only: Iterable[str] | None = None,
) -> list[Path]:
    """Draws what a VAE learned, from test examples.

    Args:
        vae: any trained `VAE`.
        data: `Dataset` whose test split is shown, or what `keras_vae.data.as_dataset` takes in its
            place, such as an array (N, *event_shape), of which the first examples are shown.
        folder: receives one PNG a picture; made if missing.
        binarization: how the examples were binarised for training; None: as the `Dataset` says, or
            the VAE (`vae.protocol`), else not at all.
        history: what `fit` reported, by name, a value an epoch; no history is drawn if None.
        best_epoch: epoch, from 1, of the checkpoint that `vae` is, to be marked in the history.
        evidence: what `evidence.json` holds of log p(x) by epoch; not drawn if None.
        only: names of the pictures to draw; all that apply if None.

    Returns:
        List of the `Path`s written: `latent_map`, `reconstructions`, `samples`,
        `interpolation`, `history`, `evidence`, and `manifold` for 2 latents or `traversals`
        otherwise. A conditional model decodes with the conditions of the examples that are shown,
        and the title says with which. Of a table they are rows with their values, shaded by where
        these lie among those of training.

    Raises:
        DataError: if the data do not fit the model or the binarisation.
        RunError: if a picture does not apply to this model, or cannot be written.
    """
    dataset = dataset_for(vae, data, binarization)
    figures = figures_of(vae, dataset, history, best_epoch, evidence, only)
    return _save(figures, folder)


def figures_of(
    vae: VAE,
    dataset: Dataset,
    history: Mapping[str, Sequence[float]] | None = None,
    best_epoch: int | None = None,
    evidence: Mapping[str, Any] | None = None,
    only: Iterable[str] | None = None,
) -> dict[str, Callable[[], Figure]]:
    """The pictures of `draw` by their names, each drawn when its function is called.

    Args, Raises: as for `draw`, of a `Dataset` with the binarisation that it is to be shown in.
    """
    wanted = picture_names(vae.latent_dim, history is not None, evidence is not None, only)
    x = examples_for(vae, dataset.given(dataset.shown_split))
    figures: dict[str, Callable[[], Figure]] = {
        "latent_map": lambda: _latent_map(vae, dataset, take(x, slice(MAP_EXAMPLES))),
        "reconstructions": lambda: _reconstructions(vae, take(x, slice(20))),
        "samples": lambda: _samples(vae, take(x, slice(SAMPLES))),
        "interpolation": lambda: _interpolation(vae, take(x, slice(10))),
        "history": lambda: _history(vae, dataset, history or {}, best_epoch),
        "evidence": lambda: _evidence(evidence or {}),
        "manifold": lambda: _manifold(vae, dataset, take(x, slice(1))),
        "traversals": lambda: _traversals(vae, dataset, take(x, slice(MAP_EXAMPLES))),
    }
    if dataset.schema is not None:
        figures |= table_pictures(vae, dataset, take(x, slice(MAP_EXAMPLES)))
    return {name: figures[name] for name in wanted}


def draw_evidence(vae: VAE, report: EvidenceReport, folder: PathLike) -> list[Path]:
    """Draws what an `EvidenceReport` found.

    Args:
        vae: the `VAE` of the report.
        report: `EvidenceReport`.
        folder: receives one PNG a picture; made if missing.

    Returns:
        List of the `Path`s written: `bound_by_samples`, `latent_rates` where latents have rates of
        their own and, for 2 latents, `exact_posterior`.

    Raises:
        RunError: if a picture cannot be written.
    """
    return _save(evidence_figures_of(vae, report), folder)


def evidence_figures_of(vae: VAE, report: EvidenceReport) -> dict[str, Callable[[], Figure]]:
    """The pictures of `draw_evidence` by their names, each drawn when its function is called."""
    figures = {
        "bound_by_samples": lambda: _bound_by_samples(report),
    }
    surgery = report.surgery
    if isinstance(surgery, ElboSurgery):  # whose latents have rates of their own
        figures["latent_rates"] = lambda: plots.latent_rates(surgery.latent_rates, report.is_active)
    if vae.latent_dim == 2:
        figures["exact_posterior"] = lambda: _exact_posterior(vae, report)
    return figures


def _save(figures: Mapping[str, Callable[[], Figure]], folder: PathLike) -> list[Path]:
    """Draws {name: function without arguments that draws it} into the folder."""
    folder = Path(folder)
    paths = [folder / f"{name}.png" for name in figures]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for figure, path in zip(figures.values(), paths, strict=True):
            plots.save(figure(), path)
    except OSError as error:
        raise RunError(f"{folder}: cannot be written ({error.strerror or error})") from error
    return paths


def _latent_map(vae: VAE, dataset: Dataset, x: Any) -> Figure:
    z_mean, _ = vae.encode(x)
    labels = None if dataset.test.labels is None else dataset.test.labels[: count(x)]
    return plots.latent_map(z_mean, labels, dataset.class_names, prior=prior_draws(vae))


def _given(x: Any, whose: str) -> str:
    """What a title says of the conditions of several examples."""
    return "" if part_of(x, "condition", 0) is None else f"given the condition of {whose}"


def _given_of_first(dataset: Dataset, x: Any, whose: str) -> str:
    """What a title says of the condition of the first example: itself, where it has names."""
    condition = part_of(x, "condition", 0)
    if condition is None or not dataset.conditions:
        return _given(x, whose)
    return f"given {described_condition(dataset.conditions, condition)}, as {whose}"


def _samples(vae: VAE, x: Any) -> Figure:
    in_turn = np.arange(SAMPLES) % count(x)
    images = vae.generate(SAMPLES, seed=0, condition=part_of(x, "condition", in_turn))
    return plots.samples(images, _given(x, "one example after the other"))


def _manifold(vae: VAE, dataset: Dataset, x: Any) -> Figure:
    prior = prior_draws(vae)
    nodes = plots.manifold_nodes(MANIFOLD_SIDE, prior)
    images = vae.decode(nodes, condition=part_of(x, "condition", 0))
    note = _given_of_first(dataset, x, "the first example")
    return plots.manifold(images, MANIFOLD_SIDE, note, prior=prior)


def _traversals(vae: VAE, dataset: Dataset, x: Any) -> Figure:
    """The latents with the most nats, each moved alone from the code of the first example."""
    z_mean, _ = vae.encode(x)
    order, rates = latents_by_rate(vae, x, z_mean)
    latents = order[:TRAVERSED_LATENTS]
    prior = prior_draws(vae)
    nodes = plots.traversal_nodes(z_mean[0], latents, STEPS, TRAVERSAL_REACH, prior)
    images = vae.decode(nodes, condition=part_of(x, "condition", 0))
    given = _given_of_first(dataset, x, "the example that they start from")
    note = "\n".join(filter(None, (given, order_words(rates, len(latents), len(order)))))
    told = None if rates is None else rates[latents]
    return plots.traversals(images, latents, STEPS, TRAVERSAL_REACH, told, note, prior=prior)


def _reconstructions(vae: VAE, x: Any) -> Figure:
    distortion, _ = posterior_terms(vae, x, samples=10)
    images = vae.predict(x, verbose=0)
    return plots.reconstructions(array_of(x), images, distortion, part_of(x, "mask"))


def _interpolation(vae: VAE, x: Any) -> Figure:
    """Straight lines in the latent space between pairs of examples."""
    z_mean, _ = vae.encode(x)
    pairs = len(z_mean) // 2
    starts, ends = slice(pairs), slice(pairs, 2 * pairs)
    nodes = plots.interpolation_nodes(z_mean[starts], z_mean[ends], STEPS)
    images = vae.decode(
        nodes, condition=part_of(x, "condition", np.repeat(np.arange(pairs), STEPS))
    )
    has_gaps = part_of(x, "mask") is not None
    notes = _given(x, "the example on the left"), "missing entries are drawn as 0" * has_gaps
    note = "; ".join(filter(None, notes))
    return plots.interpolation(images, STEPS, array_of(x)[starts], array_of(x)[ends], note)


def _history(
    vae: VAE,
    dataset: Dataset,
    history: Mapping[str, Sequence[float]],
    best_epoch: int | None,
) -> Figure:
    columns = {**history, "epoch": range(1, len(history["elbo"]) + 1)}
    split = "validation" if dataset.is_split else None
    baseline = independent_log_evidence(vae.likelihood, dataset, split)
    return plots.history(columns, float(np.mean(baseline)), best_epoch)


def _evidence(evidence: Mapping[str, Any]) -> Figure:
    return plots.evidence_by_epoch(evidence["columns"], f"log p(x), {evidence['method']}")


def _bound_by_samples(report: EvidenceReport) -> Figure:
    bound, identity = report.bound, report.identity
    missing = identity.log_evidence - bound.bounds
    known: dict[str, Any] = {}
    if identity.is_exact:
        known = {
            "log_evidence": float(np.mean(identity.log_evidence)),
            "log_evidence_error": float(np.mean(identity.error)),
        }
    errors = [standard_error(values) for values in missing]  # paired, example by example
    return plots.bound_by_samples(bound.ks, bound.bounds.mean(axis=1), errors, **known)


def _exact_posterior(vae: VAE, report: EvidenceReport) -> Figure:
    """The true posterior of the first examples beside what the encoder says."""
    x = take(report.x, slice(POSTERIORS))
    ones = (take(x, i) for i in range(count(x)))
    nodes_1, nodes_2, log_posteriors = zip(*(posterior_grid(vae, one) for one in ones), strict=True)
    z_mean, z_log_var = vae.encode(x)
    gaps = report.identity.posterior_kl[: count(x)]
    # a row of a table, whose values are in units of their own, is not drawn as one line
    inputs = None if isinstance(vae.likelihood, Columns) else array_of(x)
    return plots.exact_posterior(
        nodes_1, nodes_2, log_posteriors, z_mean, np.exp(z_log_var / 2), inputs, gaps
    )
