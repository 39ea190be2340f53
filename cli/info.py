"""kvae info: what a model folder holds."""

import click

from .library import load_keras_vae
from .options import json_option, model_argument


@click.command()
@model_argument
@json_option
def info(model, as_json):
    """Say what the folder MODEL holds: configuration, data, training, figures."""
    from .report import echo_info, echo_json, run_record

    kv = load_keras_vae()
    run = kv.load_run(model)
    if as_json:
        echo_json(run_record(run))
    else:
        echo_info(run)
