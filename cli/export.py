"""kvae export: the next version of a SavedModel for TensorFlow Serving."""

from pathlib import Path

import click

from .library import load_keras_vae
from .options import json_option, model_argument, quiet_option, whole_numbers


@click.command()
@model_argument
@click.option(
    "--version",
    type=click.IntRange(1, 2**63 - 1),
    help="Number of the version.  [default: the highest so far plus 1]",
)
@click.option(
    "--k",
    "samples",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="Draws of z for each row of the signature score: the K of its bound L_K.",
)
@click.option(
    "--batch-sizes",
    callback=whole_numbers,
    default="1,8,64",
    show_default=True,
    metavar="N,N,...",
    help="Batch sizes of the warm-up requests: the server's allowed_batch_sizes.",
)
@quiet_option
@json_option
def export(
    model: Path, version: int | None, samples: int, batch_sizes: tuple[int, ...], as_json: bool
) -> None:
    """Write the next version of MODEL for TensorFlow Serving, once it is checked.

    MODEL is the folder that kvae fit left; the version is a folder MODEL/N in it.

    Example: kvae export saved_models/vae
    """
    import keras_vae as kv

    from .serving_tables import echo_export
    from .terminal import echo_json, next_step, stages

    record = kv.files.read_run(model)
    if version is not None:
        kv.files.check_free(model, version)
    kv.files.check_folder(model, "give it the permission, or copy it to another place")
    load_keras_vae()
    run = kv.load_run(record)
    with stages() as progress:
        path, metadata = run.export(version, samples, batch_sizes, progress)
    if as_json:
        echo_json({"version": str(path), **metadata})
    else:
        echo_export(path, metadata)
        next_step("check-export", path)
