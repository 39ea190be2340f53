"""kvae sample: new examples from the prior."""

from pathlib import Path
from typing import Any

import click

from .library import load_keras_vae
from .options import (
    TABLES,
    condition_option,
    count_option,
    examples_option,
    given_words,
    model_argument,
    overwrite_option,
    quiet_option,
    seed_option,
)


@click.command()
@model_argument
@click.option("--noise", is_flag=True, help="Draw x ~ p(x|z) instead of its mean.")
@count_option(64, "Number of samples.")
@condition_option
@seed_option
@examples_option("samples")
@overwrite_option
@quiet_option
def sample(
    model: Path,
    noise: bool,
    count: int,
    condition: dict[str, str],
    seed: int,
    output: Path | None,
    overwrite: bool,
) -> None:
    """Draw z from the prior and write the means of p(x|z), or draws of it.

    Of a table they are rows, draws of p(x|z), with those of its columns that are modelled.

    Example: kvae sample saved_models/vae --count 100 --output samples.npz
    """
    import keras_vae as kv

    from .terminal import next_step, plural, stages, warn

    record = kv.files.read_run(model)
    told = record.condition(condition, warn)
    is_table = "schema" in record.record["data"]
    output = output or Path("samples.csv" if is_table else "samples.png")
    as_rows = is_table and output.suffix in TABLES
    kv.files.check_output(output, overwrite, *([" or ".join(TABLES)] if as_rows else []))
    load_keras_vae()
    run = kv.load_run(record)
    if as_rows:
        with stages("rows"):
            rows = kv.runs.sample_table(run, count, seed, condition, warn=lambda line: None)
        kv.data.tables.write_frame(output, rows)
        click.echo(f"{plural(len(rows), 'row')}: {output}")
        if "window" in record.record["data"]["schema"]:
            next_step("reconstruct", model)
        else:
            next_step("score", model, "--data", output)
        return
    vae = run.vae
    with stages("examples"):
        images = (vae.sample if noise else vae.generate)(count, seed, told)
    arrays = {"x" if noise else "mean": images}
    note = given_words(condition)

    def picture() -> Any:
        if is_table:
            title = "Rows that the model gives, z ~ p(z)"
            return kv.runs.picture_of_table(run, images, title, note)
        return kv.plots.samples(images, note)

    kv.runs.write_output(output, arrays, picture)
    click.echo(f"{count} samples: {output}")
    next_step("reconstruct", model)
