"""What `kvae evaluate` prints of log p(x). Imported inside commands only: it needs rich."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from keras_vae.figure_tables import evidence_tables
from keras_vae.figure_tables.evidence import PARTS

from .terminal import echo_table


def echo_evidence(figures: Mapping[str, Any], model: Path) -> None:
    """The identity, the bounds by K, and the parts of the rate, each with its place."""
    for table in evidence_tables(figures, model):
        echo_table(table)
    for part, reason in figures.get("does_not_apply", {}).items():
        click.echo(f"{PARTS[part]}: {reason}")
    click.echo(f"Protocol: {figures['protocol']}")
