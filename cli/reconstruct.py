"""kvae reconstruct: examples and their reconstructions."""

from pathlib import Path
from typing import Any

import click

from .library import load_keras_vae
from .options import (
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

    Example: kvae reconstruct saved_models/vae --count 10
    """
    import keras_vae as kv

    from .terminal import next_step

    record = kv.files.read_run(model)
    record.check_data(data)
    kv.files.check_output(output, overwrite)
    load_keras_vae()
    run = kv.load_run(record)
    count = count or (None if split == "all" else 20)
    made = kv.runs.reconstruct_rows(run, run.load_data(data), split, count)
    x, reconstruction = made["x"], made["reconstruction"]

    def picture() -> Any:
        if "schema" in record.record["data"]:
            return kv.runs.picture_of_table(run, reconstruction, "Rows decoded at z_mean")
        return kv.plots.reconstructions(x, reconstruction)

    kv.runs.write_output(output, made, picture)
    click.echo(f"{len(x)} examples and reconstructions: {output}")
    next_step("encode", model)
