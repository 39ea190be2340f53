"""kvae compare: which of several models is better, and whether the data can tell."""

from pathlib import Path

import click

from .candidates import ModelFolder
from .library import load_keras_vae
from .options import data_option, json_option, seed_option, split_option


@click.command()
@click.argument("models", nargs=-1, required=True, type=ModelFolder())
@data_option
@split_option
@click.option(
    "--samples",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="Draws of z for each example, for the ELBO and its parts.",
)
@click.option(
    "--examples",
    type=click.IntRange(min=2),
    default=200,
    show_default=True,
    help="Number of examples to estimate log p(x) for.",
)
@click.option(
    "--k",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    help="Number of samples of the bound L_K that stands for log p(x), unless all models have 1 to "
    "3 latents: then it is exact.",
)
@seed_option
@json_option
@click.option("--markdown", "as_markdown", is_flag=True, help="Print the tables in Markdown.")
def compare(
    models: tuple[Path, ...],
    data: str | None,
    split: str,
    samples: int,
    examples: int,
    k: int,
    seed: int,
    as_json: bool,
    as_markdown: bool,
) -> None:
    """Say which of the MODELS is better, by how much, and whether the data can tell.

    MODELS are folders that kvae fit left, two or more. They are asked for the same examples, and
    refused if their nats do not compare. Models that differ in their seed alone are one row.

    Example: kvae compare saved_models/narrow saved_models/wide
    """
    if as_json and as_markdown:
        raise click.UsageError("--json and --markdown: choose one")
    import keras_vae as kv

    from .terminal import echo_json, echo_table, stages

    records = [kv.files.read_run(model) for model in models]
    for record in records:
        record.check_data(data)
    load_keras_vae()
    with stages() as progress:
        found = kv.compare(records, data, split, samples, examples, k, seed, progress)
    if as_json:
        echo_json(found.to_dict())
    elif as_markdown:
        click.echo(found.to_markdown(), nl=False)
    else:
        for table in found.tables:
            echo_table(table)
