"""kvae interpolate: what lies between the codes of two examples."""

from pathlib import Path

import click

from .library import load_keras_vae
from .options import (
    TABLES,
    condition_option,
    data_option,
    examples_option,
    model_argument,
    overwrite_option,
    quiet_option,
    split_option,
)


@click.command()
@model_argument
@click.option(
    "--from",
    "start",
    type=click.IntRange(min=0),
    required=True,
    metavar="NUMBER",
    help="The example that the line begins at, by its number in the split, from 0.",
)
@click.option(
    "--to",
    "end",
    type=click.IntRange(min=0),
    required=True,
    metavar="NUMBER",
    help="The example that it ends at.",
)
@click.option(
    "--steps",
    type=click.IntRange(min=2),
    default=11,
    show_default=True,
    help="Number of points on the line, both ends among them.",
)
@data_option
@split_option
@condition_option
@examples_option("interpolation")
@overwrite_option
@quiet_option
def interpolate(
    model: Path,
    start: int,
    end: int,
    steps: int,
    data: str | None,
    split: str,
    condition: dict[str, str],
    output: Path | None,
    overwrite: bool,
) -> None:
    """Write the means of p(x|z) on the straight line between the codes of two examples.

    The codes are z_mean of q(z|x). OUTPUT.png shows the examples at both ends, OUTPUT.npz holds z
    and mean. A conditional model is told the condition of the two examples if they have the same,
    else --condition.

    Example: kvae interpolate saved_models/vae --from 3 --to 8
    """
    import keras_vae as kv

    from .terminal import next_step, stages, warn

    record = kv.files.read_run(model)
    record.check_data(data)
    if condition:
        record.condition(condition, warn)
    is_table = "schema" in record.record["data"]
    output = output or Path("interpolation.csv" if is_table else "interpolation.png")
    as_rows = is_table and output.suffix in TABLES
    kv.files.check_output(output, overwrite, *([" or ".join(TABLES)] if as_rows else []))
    load_keras_vae()
    run = kv.load_run(record)
    dataset = run.load_data(data)
    with stages("examples"):
        found = kv.runs.interpolate(
            run, dataset, start, end, steps, split, condition, warn=lambda line: None
        )
    if as_rows:
        rows = kv.runs.decode_table(run, found.mean, found.condition)
        kv.data.tables.write_frame(output, rows)
    else:
        arrays = {"z": found.z, "mean": found.mean}
        kv.runs.write_output(
            output, arrays, lambda: kv.runs.picture_of_interpolation(dataset, found)
        )
    click.echo(f"{steps} decoded from example {start} to {end}: {output}")
    next_step("plot", model, "--only", "interpolation")
