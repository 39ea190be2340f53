"""Tables of figures in Markdown."""

from collections.abc import Iterable, Sequence

from keras_vae.figure_tables.table import FigureTable

__all__ = ["markdown_tables"]


def markdown_tables(tables: Iterable[FigureTable]) -> str:
    """Tables one below the other, each with its notes."""
    return "\n\n".join(part for table in tables for part in (_table(table), *table.notes)) + "\n"


def _table(table: FigureTable) -> str:
    sides = ["---:" if j in table.numbers else "---" for j in range(len(table.columns))]
    rows = [table.columns, sides, *filter(None, table.rows)]
    return "\n".join([f"**{table.title}**", "", *map(_row, rows)])


def _row(cells: Sequence[str]) -> str:
    # a cell is one line there, and a bar ends it
    texts = [cell.strip().replace("|", "\\|").replace("\n", "<br>") for cell in cells]
    return f"| {' | '.join(texts)} |"
