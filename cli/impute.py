"""kvae impute: the gaps of a table, filled in."""

from pathlib import Path

import click

from .library import load_keras_vae
from .options import model_argument, output_option, overwrite_option, quiet_option, seed_option


@click.command()
@model_argument
@click.option("--data", required=True, help="Table with gaps: .csv, .tsv or .parquet.")
@click.option(
    "--samples",
    type=click.IntRange(min=2),
    default=1000,
    show_default=True,
    help="Draws of z for each row.",
)
@click.option(
    "--interval",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.9,
    show_default=True,
    help="Share of the draws that the interval of a value holds.",
)
@click.option(
    "--intervals",
    type=click.Path(path_type=Path),
    help="Also write here, a line for each gap, its value and its interval.",
)
@seed_option
@output_option("filled.csv", ".csv, .tsv or .parquet")
@overwrite_option
@quiet_option
def impute(
    model: Path,
    data: str,
    samples: int,
    interval: float,
    intervals: Path | None,
    seed: int,
    output: Path,
    overwrite: bool,
) -> None:
    """Fill in the gaps of a table, and change nothing else.

    A number becomes its mean given what was observed of its row, a category the most probable one.
    That values are missing at random is taken for granted.

    Example: kvae impute saved_models/vae --data new.csv --output filled.csv
    """
    import keras_vae as kv

    from .terminal import next_step, plural, stages, warn

    record = kv.files.read_run(model).record
    for path, option in ((output, "--output"), (intervals, "--intervals")):
        if path is not None:
            kv.files.check_output(path, overwrite, ".csv, .tsv or .parquet", option)
    if intervals is not None and intervals.resolve() == output.resolve():
        raise kv.RunError(f"{output}: is --output and --intervals; choose two names")
    rows = kv.data.tables.read_rows(data, record, warn)
    rows.check_single()
    load_keras_vae()
    vae = kv.load_run(model).vae
    with stages("gaps"):
        found = kv.impute(vae, rows.given, samples, seed, interval)
    if told := found.told(rows.mask):
        warn(told)
    kv.data.tables.write_frame(output, rows.filled(found.x))
    if intervals:
        kv.data.tables.write_frame(intervals, kv.runs.imputation_table(rows, found))
    gaps = plural(int((rows.mask == 0).sum()), "gap")
    click.echo(f"{gaps} in {plural(len(rows), 'row')} filled in: {output}")
    if left := rows.gaps_left:
        click.echo(f"Left as they are: {plural(left, 'gap')} in columns that are not modelled")
    click.echo(f"Protocol: {found.protocol}")
    next_step("score", model, "--data", output)
