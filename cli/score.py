"""kvae score: how likely each row is, and what makes it unlikely."""

from pathlib import Path

import click

from .library import load_keras_vae
from .options import model_argument, output_option, overwrite_option, quiet_option, seed_option


@click.command()
@model_argument
@click.option("--data", required=True, help="Rows to score, like those of the training data.")
@click.option(
    "--samples",
    type=click.IntRange(min=2),
    default=500,
    show_default=True,
    help="Draws of z for each row.",
)
@seed_option
@output_option("scores.csv", ".csv, .tsv or .parquet")
@overwrite_option
@quiet_option
def score(model: Path, data: str, samples: int, seed: int, output: Path, overwrite: bool) -> None:
    """Write for each row log p(x), its rank among held-out rows, and what makes it unlikely.

    Example: kvae score saved_models/vae --data new.csv --output scores.csv
    """
    import keras_vae as kv

    from .score_table import echo_scores
    from .terminal import next_step, plural, stages, warn

    record = kv.files.read_run(model)
    kv.files.check_output(output, overwrite, ".csv, .tsv or .parquet")
    rows = kv.data.tables.read_rows(data, record.record, warn)
    record.check_data()
    load_keras_vae()
    run = kv.load_run(model)
    held_out = run.load_data().given("validation")
    with stages("log p(x)"):
        scores = kv.score(run.vae, rows.given, held_out, samples, seed)
    table = kv.runs.score_table(scores, [column.name for column in rows.schema.modelled], rows)
    kv.data.tables.write_frame(output, table)
    echo_scores(table)
    click.echo(f"{plural(len(table), 'row')}: {output}")
    click.echo(f"Protocol: {scores.protocol}")
    next_step("impute" if rows.first is None else "encode", model, "--data", data)
