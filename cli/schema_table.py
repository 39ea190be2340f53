"""How a schema looks on the terminal. Imported inside commands only: it needs rich."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from .terminal import print_table

if TYPE_CHECKING:
    from keras_vae.data.tables import Schema

SHOWN = 4  # categories of a column


def echo_schema(schema: Schema, most: int | None = None) -> None:
    """A row for each column, the first `most` of them: its kind, its categories and why."""
    count, modelled = len(schema.columns), len(schema.row_columns)
    title = f"{modelled} of {count} columns are modelled"
    if schema.window is not None:
        title += f", in windows of {schema.window} rows"
    table = Table(title=title, title_justify="left")
    for header in ("column", "kind", "values", "why"):
        table.add_column(header, overflow="fold")
    for column in schema.columns[:most]:
        values = ", ".join(map(str, column.categories[:SHOWN]))
        if len(column.categories) > SHOWN:
            values += f", ... ({len(column.categories)})"
        style = None if column.is_modelled else "dim"
        table.add_row(column.name, column.kind, values or column.form, column.reason, style=style)
    if most is not None and count > most:
        table.caption = f"and {count - most} more"
    print_table(table)
