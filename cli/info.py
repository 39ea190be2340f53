"""kvae info: what a model folder holds."""

import click

from .options import json_option, model_argument


@click.command()
@model_argument
@json_option
def info(model, as_json):
    """Say what the folder MODEL holds: configuration, data, training, figures."""
    from keras_vae import load_run

    from .report import echo_info, echo_json, run_record

    run = load_run(model)
    if as_json:
        echo_json(run_record(run))
    else:
        echo_info(run)
