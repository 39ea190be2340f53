"""kvae plot: draw a model's pictures again."""

from pathlib import Path

import click

from .library import load_keras_vae
from .options import data_option, json_option, model_argument, quiet_option

PICTURES = (
    "latent_map",
    "manifold",
    "traversals",
    "reconstructions",
    "samples",
    "interpolation",
    "history",
    "evidence",
)


@click.command()
@model_argument
@data_option
@click.option(
    "--only",
    type=click.Choice(PICTURES),
    multiple=True,
    help="Draw this picture; may be given several times.  [default: all that apply]",
)
@click.option(
    "--output-dir",
    type=click.Path(path_type=Path),
    help="Folder for the pictures.  [default: MODEL/plots]",
)
@quiet_option
@json_option
def plot(
    model: Path, data: str | None, only: tuple[str, ...], output_dir: Path | None, as_json: bool
) -> None:
    """Draw what the model in folder MODEL learned, from test examples.

    manifold is for 2 latents, traversals for any other number, evidence for a model that was
    fitted with --track-evidence.

    Example: kvae plot saved_models/vae --only latent_map
    """
    from .terminal import echo_json, next_step, stages, told_example

    if data and not output_dir:
        raise click.UsageError("pictures of other data need a folder of their own: --output-dir")
    import keras_vae as kv

    record = kv.files.read_run(model)
    record.check_data(data)
    # of other data it is not known how training went
    history, evidence = (None, None) if data else (record.history, record.evidence)
    has_evidence = evidence is not None
    kv.files.picture_names(record.config.latent, not data, has_evidence, only or None)
    folder = output_dir or model / "plots"
    kv.files.check_folder(folder, "choose another --output-dir")
    load_keras_vae()
    run = kv.load_run(record)
    dataset = run.load_data(data)
    with stages("pictures"):
        paths = kv.draw(
            run.vae,
            dataset,
            folder,
            history=history,
            best_epoch=run.record["training"]["best_epoch"],
            evidence=evidence,
            only=only or None,
        )
    if as_json:
        echo_json({"model": str(model), "plots": [str(path) for path in paths]})
    else:
        for path in paths:
            click.echo(path)
        next_step("sample", model, *told_example(record.record))
