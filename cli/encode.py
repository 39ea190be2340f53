"""kvae encode: examples -> the posterior's parameters."""

from pathlib import Path

import click

from .library import load_keras_vae
from .options import (
    data_option,
    model_argument,
    output_option,
    overwrite_option,
    split_or_all_option,
)


@click.command()
@model_argument
@data_option
@split_or_all_option
@output_option("latents.npz")
@overwrite_option
def encode(model: Path, data: str | None, split: str, output: Path, overwrite: bool) -> None:
    """Write z_mean and z_log_var of q(z|x) for every example, with its row and label.

    Of DATA that is a table, all rows are encoded, as they come.

    OUTPUT.h5ad, of a model of a .h5ad, is that file with the z_mean of all rows in obsm, as X_kvae.

    Rows count the examples of the source from 0; those of a test split of its own come last. The
    split of each row is written too.

    Example: kvae encode saved_models/vae --split all --output latents.csv
    """
    import keras_vae as kv

    from .report import next_step

    record = kv.files.read_run(model)
    rows = None
    if data is not None and "schema" in record.record["data"]:
        rows = kv.data.tables.read_rows(data, record.record)
    else:
        record.check_data(data)
    source = data or record.config.data
    as_h5ad = kv.files.is_h5ad(output) and kv.files.is_h5ad(source)
    kv.files.check_output(output, overwrite, *([".h5ad"] if as_h5ad else []))
    load_keras_vae()
    run = kv.load_run(record)
    if rows is None:
        dataset = run.load_data(data)
        codes = kv.runs.encode_rows(run, dataset, "all" if as_h5ad else split)
        class_names = dataset.class_names
    else:
        codes, class_names = kv.runs.encode_table(run, rows), None
    z_mean = codes["z_mean"]
    if as_h5ad:
        kv.runs.write_codes(output, source, z_mean)
    else:
        kv.runs.write_output(
            output,
            codes,
            lambda: kv.plots.latent_map(z_mean, codes["labels"], class_names),
        )
    click.echo(f"{len(z_mean)} posteriors: {output}")
    if output.suffix == ".npz":
        next_step("decode", model, "--input", output)
    else:
        next_step("decode", model, "--z", ",".join("0" * z_mean.shape[1]))
