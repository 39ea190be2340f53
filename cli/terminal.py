"""How reports look on the terminal. Imported inside commands only: it needs rich."""

from __future__ import annotations

import contextlib
import json
import shlex
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

import click
from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from keras_vae.figure_tables import FigureTable, evaluation_table, run_table
from keras_vae.progress import showing

from .options import is_quiet

if TYPE_CHECKING:
    from keras_vae.data import Dataset
    from keras_vae.files import RunRecord
    from keras_vae.runs import Run
    from keras_vae.studies.sweeping import Progress as SweepProgress

MOST_WIDTH = 1000  # characters of a line in a pipe
TABLE_ROWS = 10
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
def stages(first: str = "") -> Iterator[Callable[[str], None]]:
    """What is being computed, `first` to begin with, for how long, and the time left of each part
    that can tell, on stderr; silent where that is not a terminal, and with --quiet."""
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
    )
    with Progress(
        *columns, console=console, disable=is_quiet() or not console.is_terminal, transient=True
    ) as progress:
        task = progress.add_task(first, left="")
        clock = TimeLeft()
        with showing(lambda share: progress.update(task, left=clock.after(share))):
            yield lambda what: progress.update(task, description=what)


class TimeLeft:
    """The time left of loops, in words."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._share, self._begun = 1.0, now()

    def after(self, share: float) -> str:
        """What is said when a share of a loop is done, 0 to 1: nothing in its first second, which
        tells too little, and nothing at its end."""
        now = self._now()
        if share < self._share:  # another loop begins
            self._begun = now
        self._share, passed = share, now - self._begun
        if not share or share == 1 or passed < 1:
            return ""
        return f"{timedelta(seconds=round(passed / share * (1 - share)))} left"


@contextlib.contextmanager
def runs_progress() -> Iterator[Callable[[SweepProgress], None]]:
    """How many runs of a sweep are finished, which train, and the time left, on stderr; silent
    where that is not a terminal."""
    console = Console(stderr=True)
    columns = (
        TextColumn("runs {task.fields[finished]}/{task.fields[total_runs]}"),
        BarColumn(),
        TextColumn("{task.fields[left]} left  {task.fields[running]}"),
    )
    with Progress(
        *columns, console=console, disable=is_quiet() or not console.is_terminal, transient=True
    ) as progress:
        task = progress.add_task("", total=1.0, finished=0, total_runs="?", left="?", running="")

        def show(now: SweepProgress) -> None:
            seconds = now.seconds_left
            left = "?" if seconds is None else str(timedelta(seconds=int(seconds)))
            progress.update(
                task,
                completed=now.done,
                finished=now.finished,
                total_runs=now.total,
                left=left,
                running=", ".join(now.running),
            )

        yield show


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
    echo_table(run_table(run.path, run.record))
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
    echo_table(evaluation_table(metrics))


def echo_table(figures: FigureTable) -> None:
    """A table of figures, its notes below it."""
    has_lines = any("\n" in cell for row in figures.rows for cell in row)
    table = Table(title=figures.title, show_header=any(figures.columns), show_lines=has_lines)
    for j, column in enumerate(figures.columns):
        is_number = j in figures.numbers
        justify: Literal["left", "right"] = "right" if is_number else "left"
        table.add_column(column, justify=justify, no_wrap=is_number or j == 0)
    for row in figures.rows:
        if row:
            table.add_row(*row)
        else:
            table.add_section()
    print_table(table)
    for note in figures.notes:
        click.echo(note)


def print_table(renderable: Table) -> None:
    """A table on stdout."""
    width = None
    if not Console().is_terminal:
        # A pipe has no width of its own: 100 columns keep a figure and its meaning on one line, and
        # more keep every figure whole.
        for column in renderable.columns:
            if column.no_wrap:
                cells = (str(cell) for cell in (column.header, *column.cells))
                column.min_width = max(map(cell_len, cells))
        wide = Console(width=MOST_WIDTH)
        width = max(100, Measurement.get(wide, wide.options, renderable).minimum)
    Console(width=width, markup=False).print(renderable)  # names may hold brackets
