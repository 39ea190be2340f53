"""kvae encode: examples -> the posterior's parameters."""

from pathlib import Path

import click

from .library import load_keras_vae
from .options import (
    data_option,
    is_given,
    model_argument,
    output_option,
    overwrite_option,
    quiet_option,
    split_or_all_option,
)

ENDINGS = ".npz, .csv, .tsv or .parquet (numbers), .h5ad (obsm) or .png (a picture)"


@click.command()
@click.pass_context
@model_argument
@data_option
@split_or_all_option
@output_option("latents.npz", ENDINGS)
@overwrite_option
@quiet_option
def encode(
    ctx: click.Context, model: Path, data: str | None, split: str, output: Path, overwrite: bool
) -> None:
    """Write z_mean and z_log_var of q(z|x) for every example, with its row and label.

    Of DATA that is a table, all rows are encoded, as they come.

    OUTPUT.h5ad holds z_mean in obsm, as X_kvae: of a model of a .h5ad it is that file, with the
    codes of all rows, else a new one.

    Rows count the examples of the source from 0; those of a test split of its own come last. The
    split of each row is written too. Labels are the names of the classes, in OUTPUT.npz their
    numbers.

    Example: kvae encode saved_models/vae --split all --output latents.csv
    """
    import keras_vae as kv

    from .terminal import next_step, stages, told_example, warn

    record = kv.files.read_run(model)
    rows = None
    if data is not None and "schema" in record.record["data"]:
        if split != "all" and is_given(ctx, "split"):
            raise click.UsageError("of a table that is given all rows are encoded: no --split")
        rows = kv.data.tables.read_rows(data, record.record, warn)
    else:
        record.check_data(data)
    source = str(data or record.config.data)
    is_copy = kv.files.is_h5ad(output) and kv.files.is_h5ad(source)
    kv.files.check_output(output, overwrite, ENDINGS)
    load_keras_vae()
    run = kv.load_run(record)
    if rows is None:
        dataset = run.load_data(data)
        with stages("q(z|x)"):
            codes = kv.runs.encode_rows(run, dataset, "all" if is_copy else split)
        class_names = dataset.class_names
    else:
        with stages("q(z|x)"):
            codes = kv.runs.encode_table(run, rows)
        label = rows.schema.of_kind("label")
        class_names = None if label is None else tuple(map(str, label.categories))
    z_mean = codes["z_mean"]
    named = kv.runs.named_labels(codes, class_names)
    if kv.files.is_h5ad(output):
        kv.runs.write_codes(output, named, source if is_copy else None)
    else:
        kv.runs.write_output(
            output,
            codes if output.suffix == ".npz" else named,
            lambda: kv.plots.latent_map(z_mean, codes["labels"], class_names),
        )
    click.echo(f"{len(z_mean)} posteriors: {output}")
    latents = ["--z", ",".join("0" * z_mean.shape[1])]
    if output.suffix == ".npz":
        latents = ["--input", str(output)]
    next_step("decode", model, *latents, *told_example(record.record))
