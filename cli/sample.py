"""kvae sample: new examples from the prior."""

from pathlib import Path

import click

from .library import load_keras_vae
from .options import count_option, model_argument, output_option, overwrite_option, seed_option


@click.command()
@model_argument
@click.option("--noise", is_flag=True, help="Draw x ~ p(x|z) instead of its mean.")
@count_option(64, "Number of samples.")
@seed_option
@output_option("samples.png")
@overwrite_option
def sample(model: Path, noise: bool, count: int, seed: int, output: Path, overwrite: bool) -> None:
    """Draw z from the prior and write the means of p(x|z), or draws of it.

    Example: kvae sample saved_models/vae --count 100 --output samples.npz
    """
    import keras_vae as kv

    from .report import next_step

    record = kv.files.read_run(model)
    kv.files.check_output(output, overwrite)
    load_keras_vae()
    vae = kv.load_run(record).vae
    images = (vae.sample if noise else vae.generate)(count, seed)
    arrays = {"x" if noise else "mean": images}
    kv.runs.write_output(output, arrays, lambda: kv.plots.samples(images))
    click.echo(f"{count} samples: {output}")
    next_step("reconstruct", model)
