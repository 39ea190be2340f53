"""kvae report: one page that shows what a model learned."""

from pathlib import Path

import click

from .candidates import ModelFolder
from .library import load_keras_vae
from .options import data_option, model_argument, quiet_option


@click.command()
@model_argument
@click.argument("other", type=ModelFolder(), required=False)
@data_option
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="File to write, .html; replaced if it exists.  [default: MODEL/report.html]",
)
@click.option(
    "--explain",
    "explained",
    is_flag=True,
    help="Also answer what learners ask of VAEs, as kvae explain does; takes a minute or two.",
)
@quiet_option
def report(
    model: Path, other: Path | None, data: str | None, output: Path | None, explained: bool
) -> None:
    """Write one page that shows what MODEL learned: figures, findings, and its latent space.

    The page is one file that needs no network. With OTHER it shows two models side by side.

    Example: kvae report saved_models/vae
    """
    from .terminal import next_step, stages

    if data and not output:
        raise click.UsageError("a page of other data needs a file of its own: --output")
    import keras_vae as kv

    output = output or model / "report.html"
    records = [kv.files.read_run(path) for path in (model, other) if path is not None]
    for record in records:
        record.check_data(data)
    kv.files.check_output(output, True, ".html")
    load_keras_vae()
    runs = [kv.load_run(record) for record in records]
    with stages() as progress:
        path = kv.report(runs if other else runs[0], output, data, explained, progress)
    click.echo(f"Open it in a browser: {path}")
    next_step("diagnose", model)
