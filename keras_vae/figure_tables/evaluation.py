"""The figures of `keras_vae.evaluate` as a table."""

from collections.abc import Mapping
from typing import Any

from keras_vae.figure_tables.table import FigureTable, with_error

__all__ = ["evaluation_table", "in_use", "what_is_used"]

# Nats: with a smaller rate z carries no information, as `keras_vae.diagnosis` has it.
NO_RATE = 0.5


def evaluation_table(metrics: Mapping[str, Any]) -> FigureTable:
    """The figures of one split, each with its place in log p(x) >= elbo.

    Args:
        metrics: as `Evaluation.to_dict` gives them.
    """
    used = what_is_used(metrics.get("is_conditional", False))
    rows = (
        ("elbo", with_error(metrics, "elbo"), "lower bound on the log evidence log p(x)"),
        ("  distortion", f"{metrics['distortion']:.2f}", "-log likelihood p(x|z), z ~ q(z|x)"),
        ("  rate", f"{metrics['rate']:.2f}", "KL of the posterior q(z|x) from the prior p(z)"),
        ("baseline", f"{metrics['baseline']:.2f}", f"log p(x) without {used}, entries independent"),
        ("gain", with_error(metrics, "gain"), f"elbo - baseline: gain from using {used}"),
        ("bits per dimension", _bits(metrics), "-elbo in bits per entry of x; none of a density"),
        ("active units", f"{metrics['active_units']} of {metrics['latent']}", in_use(metrics)),
    )
    whole = f"{metrics['split']} split, all {metrics['examples']:,} examples"
    return FigureTable(
        f"{whole}: means, nats per example", rows, notes=(f"Protocol: {metrics['protocol']}",)
    )


def what_is_used(is_conditional: bool) -> str:
    """What a model has that its baseline has not, and what a gain over it is owed to, in words."""
    return "z and the condition" if is_conditional else "z"


def _bits(metrics: Mapping[str, Any]) -> str:
    """Bits per dimension, which a density does not have."""
    value = metrics["bits_per_dim"]
    return "none" if value is None else f"{value:.4f}"


def in_use(figures: Mapping[str, Any]) -> str:
    """What active units are: their means vary over the data, perhaps with almost no information."""
    if figures["active_units"] and figures["rate"] < NO_RATE:
        return f"vary over the data, but carry only {figures['rate']:.2g} nats in total"
    return "latents in use"
