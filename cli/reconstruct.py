"""kvae reconstruct: examples beside what the model makes of them."""

import click

from .library import load_keras_vae
from .options import (
    count_option,
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
@count_option(20, "Number of examples, from the start of the split.")
@output_option("reconstructions.png")
@overwrite_option
def reconstruct(model, data, split, count, output, overwrite):
    """Write examples x and their reconstructions, the means of p(x|z) at z = z_mean.

    Example: kvae reconstruct saved_models/vae --count 10
    """
    from .report import next_step

    kv = load_keras_vae()
    kv.runs.check_output(output, overwrite)
    run = kv.load_run(model)
    examples = run.examples(run.load_data(data), split)[:count]
    reconstruction = run.vae.predict(examples.x, verbose=0)
    kv.runs.write_output(
        output,
        {"x": examples.x, "reconstruction": reconstruction, "labels": examples.labels},
        lambda: kv.plots.reconstructions(examples.x, reconstruction),
    )
    click.echo(f"{len(examples)} examples and reconstructions: {output}")
    next_step("encode", model)
