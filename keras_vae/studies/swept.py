"""Sweep: what the runs of a sweep found, one row a configuration."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from keras_vae.figure_tables import FigureTable, html_tables, markdown_tables
from keras_vae.files.records import read_json
from keras_vae.studies.plan import FIGURES, Plan
from keras_vae.studies.words import (
    active_text,
    options_text,
    with_spread,
)

__all__ = ["Row", "Sweep", "read_sweep"]

SHOWN = ("elbo", "rate", "distortion", "log_evidence")


@dataclass(frozen=True)
class Row:
    """The finished runs of one configuration.

    Attributes:
        options: its values of the varied options.
        runs: the names of their folders.
        seeds: of each.
        figures: by name, for each run `mean` and `standard_error` over test examples; nats, at
            beta = 1.
        active_units: of each run.
        latent: how many latents there are.
    """

    options: Mapping[str, Any]
    runs: tuple[str, ...]
    seeds: tuple[int, ...]
    figures: Mapping[str, tuple[Mapping[str, float], ...]]
    active_units: tuple[int, ...]
    latent: int

    @property
    def name(self) -> str:
        """'beta 0.1, latent 2'"""
        return options_text(self.options) or "the only one"

    def means(self, figure: str) -> np.ndarray:
        """The mean over examples of each run, float64 (S,)."""
        return np.array([each["mean"] for each in self.figures[figure]])

    def mean(self, figure: str) -> float:
        """Of all runs."""
        return float(self.means(figure).mean())

    def error(self, figure: str) -> float:
        """The standard error over examples, of which the mean over seeds has at most the mean: all
        seeds see the same examples."""
        return float(np.mean([each["standard_error"] for each in self.figures[figure]]))

    def spread(self, figure: str) -> float | None:
        """The standard deviation over seeds; None of a single one."""
        means = self.means(figure)
        return float(means.std(ddof=1)) if len(means) > 1 else None

    def to_dict(self) -> dict[str, Any]:
        """The row as a dictionary that `json` can write."""
        figures = {
            figure: {
                "mean": self.mean(figure),
                "standard_error": self.error(figure),
                "seed_spread": self.spread(figure),
                "of_each": self.means(figure).tolist(),
            }
            for figure in self.figures
        }
        return {
            "options": dict(self.options),
            "runs": list(self.runs),
            "seeds": list(self.seeds),
            **figures,
            "active_units": list(self.active_units),
            "latent": self.latent,
        }


@dataclass(frozen=True)
class Sweep:
    """A sweep that has ended.

    Attributes:
        path: its folder.
        plan: `Plan`.
        rows: `Row`s of the configurations that have a finished run, in the order of the plan.
        failed: the name of each run that has no figures -> why.
        doubts: why L_K may be too low as an estimate of log p(x): one line each.
        protocol: what the figures depend on, in words.
    """

    path: Path
    plan: Plan
    rows: tuple[Row, ...]
    failed: Mapping[str, str]
    doubts: tuple[str, ...]
    protocol: str

    def ranked(self, figure: str = "log_evidence") -> list[Row]:
        """The rows, the largest mean first."""
        return sorted(self.rows, key=lambda row: -row.mean(figure))

    @property
    def table(self) -> FigureTable:
        """One row a configuration; below it all that is to be said."""
        columns = (
            "configuration",
            "runs",
            "elbo",
            "rate",
            "distortion",
            f"L_{self.plan.k}",
            "active",
        )
        best = {figure: self.ranked(figure)[0] for figure in ("elbo", "log_evidence") if self.rows}
        rows = []
        for row in self.rows:
            cells = [
                with_spread(row.mean(figure), row.error(figure), row.spread(figure))
                + (" *" if best.get(figure) is row else "")
                for figure in SHOWN
            ]
            rows.append(
                (row.name, str(len(row.runs)), *cells, active_text(row.active_units, row.latent))
            )
        title = "Test figures: means, nats per example, beta 1"
        numbers = tuple(range(1, len(columns)))
        return FigureTable(title, tuple(rows), columns, numbers, tuple(self.lines))

    @property
    def lines(self) -> list[str]:
        """All that is said below the table."""
        notes = ["±: standard error over examples. *: the largest; kvae compare says by how much."]
        if len(self.plan.seeds) > 1:
            notes.append("seeds ±: standard deviation over seeds.")
        failed = [f"{name}: failed: {reason}" for name, reason in self.failed.items()]
        protocol = [f"Protocol: {self.protocol}"] if self.rows else []
        return [*failed, *self.doubts, *notes, *protocol]

    def to_dict(self) -> dict[str, Any]:
        """The sweep as a dictionary that `json` can write: the same for the same runs, wherever it
        stands and however often it was interrupted."""
        best = (
            {figure: self.ranked(figure)[0].options for figure in ("elbo", "log_evidence")}
            if self.rows
            else {}
        )
        return {
            "plan": self.plan.to_dict(),
            "table": [row.to_dict() for row in self.rows],
            "best": {figure: dict(options) for figure, options in best.items()},
            "failed": dict(self.failed),
            "doubts": list(self.doubts),
            "protocol": self.protocol,
        }

    def to_markdown(self) -> str:
        """Table and lines in Markdown."""
        return markdown_tables([self.table])

    def _repr_html_(self) -> str:
        return html_tables([self.table])


def read_sweep(path: Path, plan: Plan, failed: Mapping[str, str] | None = None) -> Sweep:
    """What stands in the folder of a sweep.

    Args:
        path: of the folder.
        plan: `Plan`.
        failed: why a run has no figures, as far as that is known.
    """
    failed = failed or {}
    found = {name: _figures(path / name) for name in plan.runs}
    rows = []
    for chosen in plan.configurations:
        names = [name for name in plan.of_configuration(chosen) if found[name]]
        if names:
            rows.append(_row(plan, chosen, names, [found[name] for name in names]))
    done = [name for name in plan.runs if found[name]]
    of_bound = f"L_{plan.k} of at most the first {plan.examples} examples, seed 0"
    return Sweep(
        path=path,
        plan=plan,
        rows=tuple(rows),
        failed={name: failed.get(name, "not finished") for name in plan.runs if not found[name]},
        doubts=tuple(f"{name}: {doubt}" for name in done for doubt in found[name]["doubts"]),
        protocol=f"{found[done[0]]['protocol']}; {of_bound}" if done else "",
    )


def is_finished(path: Path) -> bool:
    """Whether a run has its figures."""
    return (path / FIGURES).is_file()


def _figures(path: Path) -> dict[str, Any]:
    """`figures.json` of a run; empty without one."""
    return read_json(path / FIGURES) if is_finished(path) else {}


def _row(
    plan: Plan, chosen: Mapping[str, Any], names: list[str], found: list[dict[str, Any]]
) -> Row:
    runs = plan.runs
    return Row(
        options=chosen,
        runs=tuple(names),
        seeds=tuple(runs[name].seed for name in names),
        figures={
            figure: tuple(each["figures"][figure] for each in found)
            for figure in found[0]["figures"]
        },
        active_units=tuple(each["active_units"] for each in found),
        latent=found[0]["latent"],
    )
