"""kvae reconstruct: examples and their reconstructions."""

from pathlib import Path
from typing import Any

import click

from .library import load_keras_vae
from .options import (
    TABLES,
    data_option,
    model_argument,
    output_option,
    overwrite_option,
    quiet_option,
    split_or_all_option,
)


@click.command()
@model_argument
@data_option
@split_or_all_option
@click.option(
    "--count",
    type=click.IntRange(min=1),
    help="Number of examples, from the start.  [default: 20, or all with --split all]",
)
@output_option("reconstructions.png")
@overwrite_option
@quiet_option
def reconstruct(
    model: Path, data: str | None, split: str, count: int | None, output: Path, overwrite: bool
) -> None:
    """Write examples x and their reconstructions, the means of p(x|z) at z = z_mean.

    Of a table OUTPUT.csv has the columns x_NAME and reconstruction_NAME, as the table spells them.

    Example: kvae reconstruct saved_models/vae --count 10
    """
    import keras_vae as kv

    from .terminal import next_step, stages

    record = kv.files.read_run(model)
    record.check_data(data)
    kv.files.check_output(output, overwrite)
    load_keras_vae()
    run = kv.load_run(record)
    count = count or (None if split == "all" else 20)
    dataset = run.load_data(data)
    with stages("examples"):
        made = kv.runs.reconstruct_rows(run, dataset, split, count)
    x, reconstruction = made["x"], made["reconstruction"]

    is_table = "schema" in record.record["data"]

    def picture() -> Any:
        if is_table:
            return kv.runs.picture_of_table(run, reconstruction, "Rows decoded at z_mean")
        return kv.plots.reconstructions(x, reconstruction)

    if is_table and output.suffix in TABLES:
        kv.data.tables.write_frame(output, kv.runs.reconstruction_table(run, made))
    else:
        kv.runs.write_output(output, made, picture)
    click.echo(f"{len(x)} examples and reconstructions: {output}")
    next_step("encode", model)
