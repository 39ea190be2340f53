"""The figures of `keras_vae.diagnose` as a table."""

from collections.abc import Mapping
from typing import Any

from keras_vae.figure_tables.evaluation import in_use
from keras_vae.figure_tables.table import FigureTable, with_error

__all__ = ["THRESHOLD", "diagnosis_table", "findings_table"]

THRESHOLD = "KL weight above which a first latent costs more than it gains"


def diagnosis_table(figures: Mapping[str, Any]) -> FigureTable:
    """The main measurements of a diagnosis.

    Args:
        figures: as `Diagnosis.figures` has them, of a model with an ELBO.
    """
    count, whole = figures["examples"], figures["examples_of_split"]
    part = f"all {count:,}" if count == whole else f"{count:,} of {whole:,}"
    beta = "undetermined"
    if figures["implied_beta"] is not None:
        beta = with_error(figures, "implied_beta")
    declared = f"; yours is {figures['beta']:g}" if "beta" in figures else ""
    if (figures["implied_beta"] or 0) < 0:
        declared += "; below 0: for no weight"
    rows = [
        ("elbo", with_error(figures, "elbo"), "lower bound on log p(x): -(distortion + rate)"),
        ("  distortion", f"{figures['distortion']:.2f}", "-log p(x|z), one z ~ q(z|x) per example"),
        ("  rate", f"{figures['rate']:.2f}", "KL of the posterior q(z|x) from the prior p(z)"),
        ("baseline", f"{figures['baseline']:.2f}", "log p(x) without z, entries independent"),
        ("active latents", f"{figures['active_units']} of {figures['latent']}", in_use(figures)),
        ("implied beta", beta, f"KL weight for which these posteriors are optimal{declared}"),
    ]
    if figures["collapse_threshold"] is not None:
        rows.append(("beta*", f"{figures['collapse_threshold']:.2f}", THRESHOLD))
    title = f"{figures['split']} split, {part} examples: means, nats per example"
    return FigureTable(title, tuple(rows))


def findings_table(diagnosis: Mapping[str, Any]) -> FigureTable:
    """What was found, a row each, with what to do.

    Args:
        diagnosis: as `Diagnosis.to_dict` gives it.
    """
    rows = tuple(
        (
            found["name"],
            found["severity"],
            _cause(found),
            found["remedy"],
        )
        for found in diagnosis["findings"]
    )
    title = f"{diagnosis['verdict']}: {len(diagnosis['checked'])} checks, {len(rows)} findings"
    columns = ("finding", "severity", "cause", "what to do")
    return FigureTable(title, rows, columns, (), (f"Protocol: {diagnosis['protocol']}",))


def _cause(found: Mapping[str, Any]) -> str:
    if found["follows_from"] is None:
        return str(found["cause"])
    return f"follows from {found['follows_from']}"
