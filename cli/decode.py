"""kvae decode: latents -> examples."""

from pathlib import Path

import click

from .library import load_keras_vae
from .options import model_argument, output_option, overwrite_option


def parse_latents(ctx, param, value):
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
@output_option("decoded.png")
@overwrite_option
def decode(model, z, input_path, output, overwrite):
    """Write the means of p(x|z) at given latents.

    Example: kvae decode saved_models/vae --z 0,0 --z 1.5,-0.5
    """
    from .report import next_step

    kv = load_keras_vae()
    if bool(z) == bool(input_path):
        raise click.UsageError("give either --z or --input")
    vae = kv.load_run(model).vae
    latents = kv.runs.read_latents(input_path or z, vae.latent_dim)
    kv.runs.check_output(output, overwrite)
    images = vae.decode(latents)
    kv.runs.write_output(output, {"z": latents, "mean": images}, lambda: kv.plots.decoded(images))
    click.echo(f"{len(images)} decoded: {output}")
    next_step("info", model)
