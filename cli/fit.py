"""kvae fit: train a VAE and leave its folder."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .candidates import data_names
from .library import load_keras_vae
from .model_options import (
    as_preset,
    descent_options,
    model_options,
    network_options,
    preset_option,
)
from .options import (
    is_given,
    is_quiet,
    json_option,
    out_option,
    quiet_option,
    reading_options,
    series_options,
    table_options,
    told_option,
)

if TYPE_CHECKING:
    from keras_vae import Config
    from keras_vae.data import Dataset

COLUMNS = 40  # of a table, that are shown before training


@click.command()
@click.option(
    "--data",
    shell_complete=data_names,
    default="mnist5k",
    show_default=True,
    help="mnist5k (5,000 real digits, no download), mnist, fashion_mnist, digits, or the path of "
    "a table (.csv, .tsv, .parquet), a .npz, a .npy, a .h5ad, a folder of images or of .npy files, "
    "or TFRecords.",
)
@click.option(
    "--stream",
    is_flag=True,
    help="Read the training examples of a .npy or a folder from disk during training: for data "
    "larger than memory. TFRecords are always read this way.",
)
@reading_options
@table_options
@series_options
@click.option(
    "--layer", metavar="NAME", help="Of a .h5ad: the layer with the counts.  [default: X]"
)
@click.option(
    "--latent",
    type=click.IntRange(min=1),
    show_default="2; of a table 8",
    help="Number of latents.",
)
@preset_option
@click.option("--name", default="vae", show_default=True, help="Name of the model's folder.")
@out_option
@network_options
@told_option
@click.option(
    "--library/--no-library",
    default=None,
    help="Of counts: encoder and decoder see the sum of the counts of each example, and the "
    "decoder divides it among the entries.  [default: --library for a .h5ad]",
)
@model_options
@click.option(
    "--epochs",
    type=click.IntRange(min=1),
    show_default="80; of a table 3,000 steps or more",
    help="Passes over the data.",
)
@click.option(
    "--batch-size",
    type=click.IntRange(min=1),
    show_default="128; of a table up to 64",
    help="Examples in one step.",
)
@descent_options
@click.option(
    "--patience",
    type=click.IntRange(min=1),
    help="Stop after so many epochs without a better val_elbo.  [default: never]",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    default=0,
    show_default=True,
    help="Seed of weights, order and noise; the same seed gives the same model.",
)
@click.option(
    "--precision",
    type=click.Choice(["auto", "float32", "mixed_bfloat16", "mixed_float16"]),
    default="auto",
    show_default=True,
    help="Precision of the layers in training; auto: bfloat16 on a GPU that supports it, else "
    "float32. Figures are computed in float32.",
)
@click.option(
    "--distribute",
    type=click.Choice(["mirrored", "multi-worker"]),
    help="Divide each batch among all local GPUs, or among the processes that TF_CONFIG names.  "
    "[default: one device]",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Continue the run of this name that was interrupted; its result is as if it had not been.",
)
@click.option(
    "--checkpoint-every",
    type=click.IntRange(min=1),
    metavar="STEPS",
    help="Also save what --resume needs every so many steps.  [default: after each epoch]",
)
@click.option("--overwrite", is_flag=True, help="Replace a model of the same name.")
@click.option(
    "--track-evidence",
    is_flag=True,
    help="Record log p(x), ELBO and the gap between them during training, on 100 validation "
    "examples.",
)
@click.option("--tensorboard", is_flag=True, help="Also write a TensorBoard log into the folder.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Do not train and write no files: print what data and options already predict about the "
    "run. Exits with 4 if there are errors.",
)
@quiet_option
@json_option
@click.pass_context
def fit(
    ctx: click.Context,
    /,
    name: str,
    out: Path,
    overwrite: bool,
    resume: bool,
    dry_run: bool,
    as_json: bool,
    preset: str | None,
    **options: Any,
) -> None:
    """Train a VAE and leave model, figures and pictures in OUT/NAME.

    Example: kvae fit --latent 2
    """
    from .terminal import echo_json, echo_run, run_record, warn

    if dry_run and resume:
        raise click.UsageError("--dry-run is for a run that has not started; leave --resume out")
    import keras_vae as kv

    given = [option for option in options if is_given(ctx, option)]
    config = kv.Config(**as_preset(preset, options, given))
    if not (resume and kv.files.is_begun(out, name)):
        kv.files.check_data(options["data"], config.stream, config.reading)
        if config.columns is not None:
            kv.files.check_exists(config.columns)
        if not dry_run:
            kv.files.check_place(out, name, overwrite)
    load_keras_vae()
    if dry_run:
        ctx.exit(_dry_run(config, as_json))
    progress = kv.training.ProgressBar()
    shown = [] if is_quiet() else [progress]
    if resume and not given and preset is None:
        config = kv.runs.unfinished_config(out, name) or config
    try:
        show = (lambda dataset: None) if as_json else _echo_columns
        run = kv.fit(config, out, name, overwrite, shown, warn, resume, show)
    except kv.WorkerLost as error:
        progress.stop()
        click.echo(f"Warning: {error}; this worker waits for it", err=True)
        _again_with_resume()
    finally:
        progress.stop()
    if run is None:  # a worker that is not the chief
        return
    if as_json:
        echo_json(run_record(run))
    else:
        echo_run(run)
    ended = run.record["training"]["ended"]
    if ended != "finished":
        click.echo(
            f"Stopped early: {ended}. The best checkpoint, of epoch "
            f"{run.record['training']['best_epoch']}, is kept in {run.path}.",
            err=True,
        )
        ctx.exit(130 if ended == "interrupted" else 1)


def _echo_columns(dataset: Dataset) -> None:
    """Of a table, what its columns are taken for."""
    from keras_vae.data.tables import is_table

    from .schema_table import echo_schema

    if dataset.schema is not None:
        echo_schema(dataset.schema, COLUMNS)
        if is_table(dataset.name):
            path = shlex.quote(str(dataset.name))
            click.echo(f"To correct a kind: kvae schema {path} --output schema.toml")


def _dry_run(config: Config, as_json: bool) -> int:
    import keras_vae as kv

    from .diagnosis_tables import echo_plan, exit_code
    from .terminal import echo_json, stages, warn

    with stages() as progress:
        plan = kv.runs.dry_run(config, warn, progress)
    if as_json:
        echo_json(kv.runs.diagnosis_record(plan))
    else:
        echo_plan(plan)
    return exit_code(plan)


def _again_with_resume() -> None:
    """Restarts this process: TensorFlow cannot repair a cluster that has lost a member."""
    arguments = sys.orig_argv if "--resume" in sys.orig_argv else [*sys.orig_argv, "--resume"]
    os.execv(sys.executable, [sys.executable, *arguments[1:]])
