"""Comparison: the figures of several models, and which differences the data can tell."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from keras_vae.figure_tables import FigureTable, html_tables, markdown_tables
from keras_vae.measures import PairedDifference, paired_difference, seed_spread, standard_error
from keras_vae.studies.words import (
    active_text,
    options_text,
    with_error,
    with_spread,
)

__all__ = ["FIGURES", "Comparison", "Configuration", "options_text"]

# by the name of each, the head of its column
FIGURES = {
    "elbo": "elbo",
    "distortion": "distortion",
    "rate": "rate",
    "log_evidence": "log p(x)",
    "gain": "gain",
}
NUMBERS = tuple(range(1, len(FIGURES) + 2))  # columns
BETTER = ("log_evidence", "elbo")  # which model is better is asked of these


@dataclass(frozen=True)
class Configuration:
    """Models of the same options, one for each seed.

    Attributes:
        models: the folder of each.
        seeds: of its training.
        options: those by which the configurations of a comparison differ.
        values: by the name of each of `FIGURES`, float64 (S, N): nats of each seed and example.
        active_units: of each seed.
        latent: how many latents there are.
    """

    models: tuple[str, ...]
    seeds: tuple[int, ...]
    options: Mapping[str, Any]
    values: Mapping[str, np.ndarray]
    active_units: tuple[int, ...]
    latent: int

    def mean(self, figure: str) -> float:
        """Of all seeds and examples."""
        return float(np.mean(self.values[figure]))

    def error(self, figure: str) -> float:
        """The standard error over examples, of their means over seeds."""
        return standard_error(np.mean(self.values[figure], axis=0))

    def spread(self, figure: str) -> float | None:
        """The standard deviation over seeds; None of a single one."""
        return seed_spread(self.values[figure])

    def to_dict(self) -> dict[str, Any]:
        """The figures as a dictionary that `json` can write."""
        figures = {
            figure: {
                "mean": self.mean(figure),
                "standard_error": self.error(figure),
                "seed_spread": self.spread(figure),
            }
            for figure in FIGURES
        }
        return {
            "models": list(self.models),
            "seeds": list(self.seeds),
            "options": dict(self.options),
            **figures,
            "active_units": list(self.active_units),
            "latent": self.latent,
        }


@dataclass(frozen=True)
class Comparison:
    """What `compare` found; numbers of configurations count from 1.

    Attributes:
        configurations: `Configuration`s, in the order in which their models were given.
        protocol: what all figures depend on, in words.
        method: how log p(x) was found, in words.
        examples: how many log p(x) is of.
        doubts: what speaks against a figure: one line each.
    """

    configurations: tuple[Configuration, ...]
    protocol: str
    method: str
    examples: int
    doubts: tuple[str, ...] = ()

    def best(self, figure: str = "log_evidence") -> int:
        """Which configuration has the largest mean: an index."""
        return int(np.argmax([each.mean(figure) for each in self.configurations]))

    def difference(self, first: int, second: int, figure: str) -> PairedDifference:
        """First minus second, by their indices, example by example."""
        sides = (self.configurations[index].values[figure] for index in (first, second))
        return paired_difference(*sides)

    def others(self) -> list[int]:
        """All configurations but the best by log p(x): indices."""
        return [i for i in range(len(self.configurations)) if i != self.best()]

    @property
    def verdicts(self) -> list[str]:
        """Which configuration is better, and whether the data can tell: a line for log p(x), and
        one for the ELBO."""
        return [self._verdict(figure) for figure in BETTER if len(self.configurations) > 1]

    def _verdict(self, figure: str) -> str:
        best = self.best(figure)
        others = [index for index in range(len(self.configurations)) if index != best]
        others.sort(key=lambda index: -self.configurations[index].mean(figure))
        gap = self.difference(best, others[0], figure)
        untold = [i + 1 for i in others if not self.difference(best, i, figure).is_told]
        beaten = with_error(gap.mean, gap.standard_error)
        end = f"not told from {', '.join(map(str, untold))}" if untold else "told from all others"
        return f"By {FIGURES[figure]} {best + 1} is best: {beaten} above {others[0] + 1}; {end}."

    @property
    def notes(self) -> list[str]:
        """What the errors are, and what they leave out."""
        lines = ["±: standard error over examples; of a difference, example by example."]
        if any(len(each.seeds) > 1 for each in self.configurations):
            lines.append(
                "seeds ±: standard deviation over seeds; the error of a difference of two "
                "configurations with several seeds holds both."
            )
        if any(len(each.seeds) == 1 for each in self.configurations):
            lines.append(
                "Of one seed the error is that of this model: what another seed would give is not "
                "in it."
            )
        if len(self.configurations) > 1:
            lines.append("*: told from 0 by a t test at 5 %.")
        return lines

    @property
    def tables(self) -> list[FigureTable]:
        """Models, figures and differences; below the last all that is to be said."""
        tables = [self._models(), self._figures()]
        if len(self.configurations) > 1:
            tables.append(self._differences())
        return [*tables[:-1], replace(tables[-1], notes=tuple(self.lines))]

    def _models(self) -> FigureTable:
        rows = [
            (
                str(number),
                "\n".join(each.models),
                options_text(each.options) or "the same",
                ", ".join(map(str, each.seeds)),
            )
            for number, each in enumerate(self.configurations, 1)
        ]
        return FigureTable(
            "Models", tuple(rows), ("", "models", "options that differ", "seeds"), (3,)
        )

    def _figures(self) -> FigureTable:
        rows = [
            (
                str(number),
                *(
                    with_spread(each.mean(figure), each.error(figure), each.spread(figure))
                    for figure in FIGURES
                ),
                active_text(each.active_units, each.latent),
            )
            for number, each in enumerate(self.configurations, 1)
        ]
        title = f"Figures: means, nats per example; log p(x): {self.method}"
        return FigureTable(title, tuple(rows), ("", *FIGURES.values(), "active"), NUMBERS)

    def _differences(self) -> FigureTable:
        best, rows = self.best(), []
        for other in self.others():
            found = [self.difference(best, other, figure) for figure in FIGURES]
            cells = [
                with_error(each.mean, each.standard_error) + (" *" if each.is_told else "")
                for each in found
            ]
            rows.append((f"{best + 1} - {other + 1}", *cells))
        title = f"Differences from {best + 1}, the best by log p(x): paired, nats per example"
        return FigureTable(title, tuple(rows), ("", *FIGURES.values()), NUMBERS)

    @property
    def lines(self) -> list[str]:
        """All that is said below the tables."""
        return [*self.verdicts, *self.doubts, *self.notes, f"Protocol: {self.protocol}"]

    def to_dict(self) -> dict[str, Any]:
        """The comparison as a dictionary that `json` can write; numbers of configurations count
        from 1."""
        best = self.best()
        differences = [
            {
                "first": best + 1,
                "second": other + 1,
                **{figure: _told(self.difference(best, other, figure)) for figure in FIGURES},
            }
            for other in self.others()
        ]
        return {
            "configurations": [each.to_dict() for each in self.configurations],
            "best": {figure: self.best(figure) + 1 for figure in BETTER},
            "differences": differences,
            "log_evidence": {"method": self.method, "examples": self.examples},
            "verdicts": self.verdicts,
            "doubts": list(self.doubts),
            "protocol": self.protocol,
        }

    def to_markdown(self) -> str:
        """Tables and lines in Markdown."""
        return markdown_tables(self.tables)

    def _repr_html_(self) -> str:
        return html_tables(self.tables)


def _told(found: PairedDifference) -> dict[str, Any]:
    return {
        "mean": found.mean,
        "standard_error": found.standard_error,
        "error_of_examples": found.error_of_examples,
        "error_of_seeds": found.error_of_seeds,
        "is_told": found.is_told,
    }
