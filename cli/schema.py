"""kvae schema: what the columns of a table are."""

from pathlib import Path
from typing import Any

import click

from .options import json_option, overwrite_option, table_options, told_option


@click.command()
@click.argument("table", metavar="TABLE")
@table_options
@told_option
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="Write the schema to this .toml, to be corrected and given to kvae fit as --columns.",
)
@overwrite_option
@json_option
def schema(table: str, output: Path | None, overwrite: bool, as_json: bool, **options: Any) -> None:
    """Say of each column of TABLE, a .csv, .tsv or .parquet, what kind it is, and why.

    Example: kvae schema people.csv --output schema.toml
    """
    import keras_vae as kv

    kv.files.check_table(table)
    if output is not None:
        kv.files.check_output(output, overwrite, ".toml")
    _, found = kv.data.tables.read_described(table, **options)
    if output is not None:
        kv.files.write_text(output, found.to_toml())

    from .schema_table import echo_schema
    from .terminal import echo_json, next_step

    if as_json:
        echo_json(found.to_dict())
        return
    echo_schema(found)
    words: list[object] = ["fit", "--data", table]
    columns = output or options.pop("columns")
    for name, value in {**options, "columns": columns}.items():
        for each in value if isinstance(value, tuple) else [value]:
            words += ["--" + name.replace("_", "-"), each] if each else []
    next_step(*words)
