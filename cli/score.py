"""kvae score: how likely each example is, and what makes it unlikely."""

from pathlib import Path

import click

from .library import load_keras_vae
from .options import model_argument, output_option, overwrite_option, quiet_option, seed_option


@click.command()
@model_argument
@click.option("--data", required=True, help="Examples to score, like those of the training data.")
@click.option(
    "--samples",
    type=click.IntRange(min=2),
    default=500,
    show_default=True,
    help="Draws of z for each example.",
)
@seed_option
@output_option("scores.csv", ".csv, .tsv or .parquet")
@overwrite_option
@quiet_option
def score(model: Path, data: str, samples: int, seed: int, output: Path, overwrite: bool) -> None:
    """Write for each example log p(x), its rank among held-out ones, and what makes it unlikely.

    Rows of a table are named by their columns, images by their pixels: x_3_7 is in line 3, column
    7, from 0.

    Example: kvae score saved_models/vae --data new.csv --output scores.csv
    """
    import keras_vae as kv

    from .score_table import echo_scores
    from .terminal import next_step, plural, stages, warn

    record = kv.files.read_run(model)
    kv.files.check_output(output, overwrite, ".csv, .tsv or .parquet")
    rows = None
    if "schema" in record.record["data"]:
        rows = kv.data.tables.read_rows(data, record.record, warn)
    else:
        record.check_data(data)
    record.check_data()
    load_keras_vae()
    run = kv.load_run(model)
    held_out = run.load_data().given("validation")
    if rows is None:
        dataset = run.load_data(data)
        given, names = kv.runs.given_in_order(run, dataset), kv.runs.entries_of(dataset)
    else:
        given, names = rows.given, tuple(column.name for column in rows.schema.modelled)
    with stages("log p(x)"):
        scores = kv.score(run.vae, given, held_out, samples, seed)
    table = kv.runs.score_table(scores, names, rows)
    kv.data.tables.write_frame(output, table)
    echo_scores(table)
    click.echo(f"{plural(len(table), 'row')}: {output}")
    click.echo(f"Protocol: {scores.protocol}")
    is_filled = rows is not None and rows.first is None
    next_step("impute" if is_filled else "encode", model, "--data", data)
