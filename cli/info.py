"""kvae info: what a model folder holds."""

from pathlib import Path

import click

from .options import json_option, model_argument


@click.command()
@model_argument
@json_option
def info(model: Path, as_json: bool) -> None:
    """Say what the folder MODEL holds: configuration, data, training, figures."""
    import keras_vae as kv

    from .terminal import echo_info, echo_json, run_record

    run = kv.files.read_run(model)
    if as_json:
        echo_json(run_record(run))
    else:
        echo_info(run)
