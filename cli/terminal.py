"""How reports look on the terminal. Imported inside commands only: it needs rich."""

from __future__ import annotations

import contextlib
import json
import shlex
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

if TYPE_CHECKING:
    from keras_vae.data import Dataset
    from keras_vae.files import RunRecord
    from keras_vae.runs import Run

TABLE_ROWS = 10
# Nats: with a smaller rate z carries no information, as `keras_vae.diagnosis` has it.
NO_RATE = 0.5
TRAINING_COLUMNS = ("loss", "elbo", "distortion", "rate", "beta", "val_elbo")


def warn(message: object) -> None:
    """A warning, on stderr."""
    click.echo(f"Warning: {message}", err=True)


def plural(count: int, what: str) -> str:
    """ "1 row", "2 rows"."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def told_part(data: str, dataset: Dataset, split: str) -> None:
    """Which part of other data is looked at, on stderr: they are split as those of training."""
    if split != "all":
        total = dataset.training_examples + len(dataset.validation) + len(dataset.test)
        part = dataset.training_examples if split == "train" else len(dataset.split(split))
        click.echo(
            f"{data} is split as the training data were: figures are of its {split} split, {part} "
            f"of {plural(total, 'example')}; --split all takes all of them",
            err=True,
        )


@contextlib.contextmanager
def stages() -> Iterator[Callable[[str], None]]:
    """What is being computed and for how long, on stderr; silent where that is not a terminal."""
    console = Console(stderr=True)
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(
        *columns, console=console, disable=not console.is_terminal, transient=True
    ) as progress:
        task = progress.add_task("")
        yield lambda what: progress.update(task, description=what)


def echo_json(values: object) -> None:
    """One JSON object on stdout."""
    click.echo(json.dumps(values, indent=2, allow_nan=False, default=str))


def next_step(*arguments: object) -> None:
    """The natural next command, ready to be pasted."""
    click.echo(f"Next: {shlex.join(['kvae', *map(str, arguments)])}")


def told_example(record: Mapping[str, Any]) -> list[str]:
    """The options that tell a model something it knows: none if it is told nothing.

    Args:
        record: all of a run's `config.json`.
    """
    from keras_vae.conditions import recorded_conditions

    each = [("--condition", condition.example) for condition in recorded_conditions(record)]
    return [word for pair in each for word in pair]


def run_record(run: Run | RunRecord) -> dict[str, Any]:
    """All that a run's folder says of it, ready for JSON."""
    return {
        "model": str(run.path),
        **run.record,
        "metrics": run.metrics,
        "plots": [str(path) for path in sorted((run.path / "plots").glob("*.png"))],
    }


def echo_run(run: Run) -> None:
    """A finished training: its table, its test figures, where everything is."""
    echo_training_table(run.history)
    skipped = run.record["training"].get("skipped_steps")
    if skipped is not None:
        click.echo(f"float16: {skipped} steps skipped because a gradient overflowed")
    if run.metrics is not None:
        echo_evaluation(run.metrics)
    click.echo(f"\nModel, figures and pictures: {run.path}")
    next_step("diagnose", run.path)


def echo_info(run: RunRecord) -> None:
    """What a model folder holds."""
    config, data, training = (run.record[key] for key in ("config", "data", "training"))
    sizes = ", ".join(f"{count} {name}" for name, count in data["examples"].items())
    versions = ", ".join(f"{name} {number}" for name, number in run.record["versions"].items())
    chosen = ", ".join(f"{name} {value}" for name, value in config.items() if value is not None)
    table = Table(title=f"{run.path}", show_header=False)
    for row in (
        ("data", f"{data['name']}: {sizes}; shape {tuple(data['event_shape'])}"),
        ("protocol", run.record["protocol"]),
        ("model", f"{training['weights']:,} weights, {config['latent']} latents"),
        ("training", f"{training['ended']}: {training['epochs']} epochs in "
                     f"{training['seconds']} s, best checkpoint at epoch {training['best_epoch']}"),
        ("options", chosen),
        ("versions", versions),
    ):  # fmt: skip
        table.add_row(*row)
    print_table(table)
    if run.metrics is not None:
        echo_evaluation(run.metrics)
    next_step("plot", run.path)


def echo_training_table(history: Mapping[str, list[float]]) -> None:
    """About ten epochs of the history, the first and the last among them."""
    table = Table(title="Training: means over examples, nats per example")
    for column in ("epoch", *TRAINING_COLUMNS):
        table.add_column(column, justify="right")
    last = len(history["loss"]) - 1
    for epoch in sorted({round(last * k / (TABLE_ROWS - 1)) for k in range(TABLE_ROWS)}):
        figures = [f"{history[column][epoch]:.3f}" for column in TRAINING_COLUMNS]
        table.add_row(str(epoch + 1), *figures)
    print_table(table)


def echo_evaluation(metrics: Mapping[str, Any]) -> None:
    """The figures of one split, each with its place in log p(x) >= elbo."""
    whole = f"{metrics['split']} split, all {metrics['examples']:,} examples"
    table = Table(title=f"{whole}: means, nats per example")
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("meaning")
    for name, value, meaning in (
        ("elbo", with_error(metrics, "elbo"), "lower bound on the log evidence log p(x)"),
        ("  distortion", f"{metrics['distortion']:.2f}", "-log likelihood p(x|z), z ~ q(z|x)"),
        ("  rate", f"{metrics['rate']:.2f}", "KL of the posterior q(z|x) from the prior p(z)"),
        ("baseline", f"{metrics['baseline']:.2f}", "log p(x) without z, entries independent"),
        ("gain", with_error(metrics, "gain"), "elbo - baseline: gain from using z"),
        ("bits per dimension", bits(metrics), "-elbo in bits per entry of x; none of a density"),
        ("active units", f"{metrics['active_units']} of {metrics['latent']}", in_use(metrics)),
    ):
        table.add_row(name, value, meaning)
    print_table(table)
    click.echo(f"Protocol: {metrics['protocol']}")


def with_error(metrics: Mapping[str, Any], name: str) -> str:
    """'-147.64 ± 2.17'"""
    return f"{metrics[name]:.2f} ± {metrics[name + '_standard_error']:.2f}"


def bits(metrics: Mapping[str, Any]) -> str:
    """Bits per dimension, which a density does not have."""
    value = metrics["bits_per_dim"]
    return "none" if value is None else f"{value:.4f}"


def in_use(figures: Mapping[str, Any]) -> str:
    """What active units are: their means vary over the data, perhaps with almost no information."""
    if figures["active_units"] and figures["rate"] < NO_RATE:
        return f"vary over the data, but carry only {figures['rate']:.2g} nats in total"
    return "latents in use"


def print_table(renderable: Table) -> None:
    """A table on stdout."""
    # A pipe has no width of its own: 100 columns keep a figure and its meaning on one line.
    width = None if Console().is_terminal else 100
    Console(width=width, markup=False).print(renderable)  # names may hold brackets
