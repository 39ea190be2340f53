"""A table of words, for the terminal, Markdown and HTML alike."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

__all__ = [
    "Table",
    "active_text",
    "as_html",
    "as_markdown",
    "options_text",
    "value_text",
    "with_error",
    "with_spread",
]


@dataclass(frozen=True)
class Table:
    """Rows under columns.

    Attributes:
        title: what the table shows, with the unit.
        columns: names of the columns.
        rows: one text for each column; a text may have several lines.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def as_markdown(tables: Iterable[Table], lines: Iterable[str] = ()) -> str:
    """Tables in Markdown, one below the other, and below them lines of text."""
    return "\n\n".join([*(_markdown(table) for table in tables), *lines]) + "\n"


def _markdown(table: Table) -> str:
    rows = [table.columns, ["---"] * len(table.columns), *table.rows]
    return "\n".join([f"**{table.title}**", "", *(_markdown_row(row) for row in rows)])


def _markdown_row(cells: Sequence[str]) -> str:
    texts = [cell.replace("|", "\\|").replace("\n", "<br>") for cell in cells]
    return f"| {' | '.join(texts)} |"


def as_html(tables: Iterable[Table], lines: Iterable[str] = ()) -> str:
    """The same in HTML, as a notebook shows it."""
    parts = [_html(table) for table in tables]
    return "\n".join([*parts, *(f"<p>{escape(line)}</p>" for line in lines)])


def _html(table: Table) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in table.columns)
    rows = [
        "".join(f"<td>{escape(cell).replace(chr(10), '<br>')}</td>" for cell in row)
        for row in table.rows
    ]
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return (
        f"<table><caption>{escape(table.title)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def with_error(value: float, error: float) -> str:
    """'-147.64 ± 2.17': as many decimals as say something, two at least."""
    decimals = _decimals(error)
    return f"{value:.{decimals}f} ± {error:.{decimals}f}"


def with_spread(value: float, error: float, spread: float | None) -> str:
    """The same, and on a second line the spread over seeds."""
    text = with_error(value, error)
    if spread is None:
        return text
    return f"{text}\nseeds ± {spread:.{_decimals(spread)}f}"


def _decimals(error: float) -> int:
    """Two or three, as many as the error has something to say in."""
    return 3 if 0 < error < 0.1 else 2


def options_text(options: Mapping[str, Any]) -> str:
    """'beta 0.5, hidden 64,32'"""
    return ", ".join(f"{name} {value_text(value)}" for name, value in options.items())


def value_text(value: Any) -> str:
    """A value as it stands on a command line."""
    if value is None:
        return "default"
    if isinstance(value, (list, tuple)):
        return ",".join(map(value_text, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def active_text(active: tuple[int, ...], latent: int) -> str:
    """'2 of 2'; of seeds that differ '5-7 of 8'."""
    least, most = min(active), max(active)
    return f"{least} of {latent}" if least == most else f"{least}-{most} of {latent}"
