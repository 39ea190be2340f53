"""How exported versions look on the terminal. Imported inside commands only: it needs rich."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from .terminal import print_table, warn

__all__ = ["echo_check", "echo_export"]


def echo_export(path: Path, metadata: Mapping[str, Any]) -> None:
    """A new version: its signatures, and how close to Keras each of them answers."""
    table = Table(title=f"{path}: largest difference from the Keras model")
    trained = metadata["differences_from_training_precision"]
    table.add_column("signature", no_wrap=True)
    if not trained:  # which needs their place
        table.add_column("inputs")
    for column in ("output", "shape, B rows"):
        table.add_column(column, no_wrap=True)
    table.add_column("differs", justify="right")
    table.add_column("allowed", justify="right")
    if trained:
        table.add_column("float32 vs training", justify="right")
    for signature, sides in metadata["signatures"].items():
        first: tuple[str, ...] = (
            (signature,) if trained else (signature, ", ".join(sides["inputs"]))
        )
        for name, output in sides["outputs"].items():
            figures = (metadata[kind][signature][name] for kind in ("differences", "allowed"))
            row = [*first, name, _shape(output), *(f"{figure:.1e}" for figure in figures)]
            if trained:
                row.append(f"{trained[signature][name]:.1e}")
            table.add_row(*row)
            first = ("",) * len(first)
    print_table(table)
    click.echo(
        f"Allowed difference of each entry: {metadata['tolerance']:g} times the larger of 1 and "
        "|right answer|"
    )
    for line in metadata["serving_protocol"]:
        click.echo(f"Protocol: {line}")
    if trained:
        click.echo("Last column: relative norm of the change from half precision to float32.")
    if metadata["warmup_batch_sizes"] is None:
        warn(
            "no warm-up requests, so the first client of each signature waits; "
            "pip install 'keras_vae[serving]' and export again"
        )
    click.echo(f"\nReady for a server: {path}")


def echo_check(path: Path, report: Mapping[str, Any]) -> None:
    """The verdict on one version; faults go to stderr."""
    for fault in report["faults"]:
        click.echo(f"Broken: {path}: {fault}", err=True)
    if not report["faults"]:
        count = len(report["differences"])
        click.echo(
            f"Good: {path}: all files as exported; {count} signatures answer as the model does"
        )


def _shape(tensor: Mapping[str, Any]) -> str:
    """'(B, 28, 28)'"""
    return f"({', '.join('B' if size is None else str(size) for size in tensor['shape'])})"
