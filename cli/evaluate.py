"""kvae evaluate: the ELBO and its parts on held-out data."""

import click

from .library import load_keras_vae
from .options import data_option, json_option, model_argument, seed_option, split_option


@click.command()
@model_argument
@data_option
@split_option
@click.option(
    "--samples",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="Draws of z for each example.",
)
@seed_option
@json_option
def evaluate(model, data, split, samples, seed, as_json):
    """Evaluate the model in folder MODEL beside a model that has no z.

    Example: kvae evaluate saved_models/vae
    """
    from .report import echo_evaluation, echo_json, next_step

    kv = load_keras_vae()
    run = kv.load_run(model)
    metrics = kv.evaluate(
        run.vae, run.load_data(data), run.config.binarize, split, samples, seed
    ).to_dict()
    if as_json:
        echo_json({"model": str(model), **metrics})
    else:
        echo_evaluation(metrics)
        next_step("plot", model)
