"""What `kvae evaluate` prints besides the ELBO. Imported inside commands only: it needs rich."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from keras_vae.figure_tables import code_accuracy_table, evidence_tables
from keras_vae.figure_tables.evidence import PARTS

from .terminal import echo_table


def echo_evidence(figures: Mapping[str, Any], model: Path) -> None:
    """The identity, the bounds by K, and the parts of the rate, each with its place."""
    for table in evidence_tables(figures, model):
        echo_table(table)
    for part, reason in figures.get("does_not_apply", {}).items():
        click.echo(f"{PARTS[part]}: {reason}")
    click.echo(f"Protocol: {figures['protocol']}")


def echo_codes(figures: Mapping[str, Any]) -> None:
    """How well classes are told from the codes, beside PCA and x."""
    echo_table(code_accuracy_table(figures))
