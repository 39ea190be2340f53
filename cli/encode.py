"""kvae encode: examples -> the posterior's parameters."""

import click

from .library import load_keras_vae
from .options import (
    data_option,
    model_argument,
    output_option,
    overwrite_option,
    split_option,
)


@click.command()
@model_argument
@data_option
@split_option
@output_option("latents.npz")
@overwrite_option
def encode(model, data, split, output, overwrite):
    """Write z_mean and z_log_var of q(z|x) for every example of a split, with its label.

    Example: kvae encode saved_models/vae --split train
    """
    from .report import next_step

    kv = load_keras_vae()
    kv.runs.check_output(output, overwrite)
    run = kv.load_run(model)
    dataset = run.load_data(data)
    examples = run.examples(dataset, split)
    z_mean, z_log_var = run.vae.encode(examples.x)
    kv.runs.write_output(
        output,
        {"z_mean": z_mean, "z_log_var": z_log_var, "labels": examples.labels},
        lambda: kv.plots.latent_map(z_mean, examples.labels, dataset.class_names),
    )
    click.echo(f"{len(examples)} posteriors: {output}")
    if output.suffix == ".npz":
        next_step("decode", model, "--input", output)
    else:
        next_step("decode", model, "--z", ",".join("0" * z_mean.shape[1]))
