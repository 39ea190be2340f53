"""Tables of figures as HTML, for notebooks and pages."""

from collections.abc import Iterable
from html import escape

from keras_vae.figure_tables.table import FigureTable

__all__ = ["html_table", "html_tables"]


def html_table(table: FigureTable) -> str:
    """A table with its title and its notes; every text of it is escaped."""
    heads = "".join(
        f'<th scope="col"{_side(table, j)}>{escape(column)}</th>'
        for j, column in enumerate(table.columns)
    )
    rows = "".join(f"<tr>{_cells(table, row)}</tr>" for row in table.rows if row)
    head = f"<thead><tr>{heads}</tr></thead>" if any(table.columns) else ""
    notes = "".join(f'<p class="protocol">{escape(note)}</p>' for note in table.notes)
    return (
        f"<table><caption>{escape(table.title)}</caption>{head}<tbody>{rows}</tbody></table>{notes}"
    )


def html_tables(tables: Iterable[FigureTable]) -> str:
    """Several of them, one below the other: what `_repr_html_` gives to a notebook."""
    return f"<div>{''.join(map(html_table, tables))}</div>"


def _cells(table: FigureTable, row: tuple[str, ...]) -> str:
    first, *others = row
    # two blanks in front say that it is a part of the one above
    inside = "&emsp;" if first.startswith("  ") else ""
    cells = [f'<th scope="row"{_side(table, 0)}>{inside}{_text(first.strip())}</th>']
    cells += [f"<td{_side(table, j)}>{_text(text)}</td>" for j, text in enumerate(others, 1)]
    return "".join(cells)


def _text(cell: str) -> str:
    return escape(cell).replace("\n", "<br/>")


def _side(table: FigureTable, column: int) -> str:
    # with a style of its own, because a notebook has no style sheet of ours
    if column in table.numbers:
        return ' class="number" style="text-align: right"'
    return ' style="text-align: left"'
