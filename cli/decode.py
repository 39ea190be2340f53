"""kvae decode: latents -> examples."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from .library import load_keras_vae
from .options import (
    TABLES,
    condition_option,
    examples_option,
    given_words,
    model_argument,
    overwrite_option,
    quiet_option,
)


def parse_latents(
    ctx: click.Context, param: click.Parameter, value: Sequence[str]
) -> list[list[float]]:
    """('0.5,-1', '0,0') -> [[0.5, -1.0], [0.0, 0.0]]."""
    try:
        return [[float(number) for number in z.split(",")] for z in value]
    except ValueError:
        raise click.BadParameter(f"{' '.join(value)!r}: expected numbers such as 0.5,-1") from None


@click.command()
@model_argument
@click.option(
    "--z",
    callback=parse_latents,
    multiple=True,
    metavar="Z1,Z2,...",
    help="One point of the latent space; may be given several times.",
)
@click.option(
    "--input",
    "input_path",
    type=click.Path(path_type=Path),
    help="A .npz with z or z_mean (as kvae encode writes it), or a .npy, of shape (N, latents).",
)
@condition_option
@examples_option("decoded")
@overwrite_option
@quiet_option
def decode(
    model: Path,
    z: list[list[float]],
    input_path: Path | None,
    condition: dict[str, str],
    output: Path | None,
    overwrite: bool,
) -> None:
    """Write the means of p(x|z) at given latents.

    Of a table they are rows with those of its columns that are modelled.

    Example: kvae decode saved_models/vae --z 0,0 --z 1.5,-0.5
    """
    from .terminal import next_step, stages, warn

    if bool(z) == bool(input_path):
        raise click.UsageError("give either --z or --input")
    import keras_vae as kv

    record = kv.files.read_run(model)
    record.check_latents(z)
    told = record.condition(condition, warn)
    if input_path:
        kv.files.check_exists(input_path)
    is_table = "schema" in record.record["data"]
    output = output or Path("decoded.csv" if is_table else "decoded.png")
    as_rows = is_table and output.suffix in TABLES
    kv.files.check_output(output, overwrite, *([" or ".join(TABLES)] if as_rows else []))
    load_keras_vae()
    run = kv.load_run(record)
    latents = kv.runs.read_latents(input_path or z, run.vae.latent_dim)
    with stages("examples"):
        images = run.vae.decode(latents, condition=told)
    note = given_words(condition)

    def picture() -> Any:
        if is_table:
            return kv.runs.picture_of_table(run, images, "Rows decoded at the given latents", note)
        return kv.plots.decoded(images, note)

    if as_rows:
        kv.data.tables.write_frame(output, kv.runs.decode_table(run, images, condition))
    else:
        kv.runs.write_output(output, {"z": latents, "mean": images}, picture)
    click.echo(f"{len(images)} decoded: {output}")
    next_step("info", model)
