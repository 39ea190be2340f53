"""A name, a path or an array -> checked float32 examples in three splits."""

import os
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from keras_vae.data.assemble import assemble
from keras_vae.data.examples import IN_MEMORY, Dataset
from keras_vae.data.part_arrays import part_arrays
from keras_vae.data.sources.files import read_path
from keras_vae.data.sources.h5ad import H5adRows
from keras_vae.data.sources.named import NAMED
from keras_vae.data.sources.source import Source
from keras_vae.data.sources.tables import has_schema, read_table
from keras_vae.data.sources.tfrecords import is_record_file
from keras_vae.data.streams.splits import open_stream, stream_of
from keras_vae.data.tables.told import told_columns
from keras_vae.errors import DataError
from keras_vae.files.paths import check_data, is_h5ad

__all__ = ["from_arrays", "load_data"]

# The most that a split of a large `.h5ad` takes in memory: a part of the file, or so many rows.
HELD_OUT_PART, HELD_OUT_ROWS = 0.2, 1000
DENSE_BYTES = 2**28  # of a `.h5ad` that is held dense, as the fastest way to train on it


def load_data(
    data: Any = "mnist5k",
    stream: bool = False,
    *,
    size: int | None = None,
    gray: bool = False,
    alpha: str | None = None,
    channels: str | None = None,
    columns: Any = None,
    label_column: str | None = None,
    ignore: Collection[str] = (),
    layer: str | None = None,
    split_column: str | None = None,
    split_by: str | None = None,
    split_order: str | None = None,
    condition: Collection[str] = (),
    window: int | None = None,
    stride: int | None = None,
) -> Dataset:
    """Loads examples, checks them, scales images of 8 and 16 bits to [0, 1] and splits them.

    Its own validation and test split are kept as they are. What a source lacks is cut from its
    training examples by a fixed permutation: a tenth for each, at most 5,000 for the validation
    split of a source with a test split.

    Args:
        data: a name (`"mnist5k"`, `"mnist"`, `"fashion_mnist"`, `"digits"`); a path (`.csv`,
            `.tsv`, `.parquet`, `.npz`, `.npy`, `.h5ad`, a folder of images or of `.npy` files,
            TFRecords); or one array, DataFrame, list, tensor or SciPy sparse matrix
            (N, *event_shape), or a dictionary of such, as for `from_arrays`. A file of a table is
            read with a schema; so is a DataFrame whose columns have names, or which holds text,
            dates, categories or gaps. `pandas.DataFrame(array)` numbers its columns: an array.
        stream: whether the training split stays on disk, as that of TFRecords always does, and
            that of a `.h5ad` which takes more than 256 MiB when it is dense; see `open_stream`,
            whose splits are others.
        size: images of a folder are cut to their middle square and resized to size x size; None:
            all are of one size.
        gray: whether colour images of a folder are read as gray.
        alpha: how to treat transparent pixels of the images of a folder: `"black"` or
            `"white"` behind them, `"keep"` as a channel; None refuses them.
        channels: `"first"` or `"last"`, where the axes of an example can be read both ways.
        columns: of a table, corrections of the schema that is inferred: path of a `.toml`, as
            `kvae schema` writes it, or dictionaries with `name` and `kind`; or a whole `Schema`.
        label_column: of a table, the column of the classes: labels, and no entry of x; of a
            `.h5ad`, the column of `obs`.
        ignore: of a table, columns to leave out.
        layer: of a `.h5ad`, which of its layers to take; None for `X`.
        split_column: the column that says train, validation or test.
        split_by: the column of groups whose rows stay in one split.
        split_order: the column of times; the last tenth of the rows is the test split, the tenth
            before it the validation split.
        condition: of a table, columns that a model is told of: they leave x; see
            `keras_vae.data.conditions_of`. `"labels"` is none of them. Any column of the `obs` of
            a `.h5ad` can be told, and none of them is in x.
        window: of a series, how many rows an example has: of a table in the order of
            `split_order`, which splits them too unless `split_by` (several series) or
            `split_column` does; or of one array (time, channels), in memory, `.npy` or `.npz`, NaN
            at its gaps, which is taken as a table whose columns are called 0, 1, ... Windows are
            cut after the split, `window - 1` rows are left out between splits, and x is
            (N, window * columns), step by step.
        stride: how many rows after a window the next one begins; None: `window`.

    A table always has a mask, 0 at its gaps. Its schema is that of all rows, so that a category is
    known wherever it occurs; it holds names and kinds, and no figures of held-out rows.

    Returns:
        `Dataset`; x is float32: in [0, 1] if it was uint8 or uint16 with values above 1, as
        it is otherwise.

    Raises:
        DataError: if the data cannot be read, are empty, constant, not finite, or do not fit
            together.
    """
    pictures: dict[str, Any] = {"size": size, "gray": gray, "alpha": alpha}
    table: dict[str, Any] = {
        "columns": columns,
        "label_column": label_column,
        "ignore": ignore,
        "split_column": split_column,
        "split_by": split_by,
        "split_order": split_order,
        "condition": told_columns(condition, label_column),
    }
    windows = {"window": window, "stride": stride}
    if window is None and stride is not None:
        raise DataError("stride: is for windows of a series; give a window, or leave it out")
    is_path = isinstance(data, (str, os.PathLike))
    if is_path:
        check_data(data, stream, {**pictures, **table, **windows, "layer": layer})
        if is_h5ad(data):
            return _annotated(str(data), H5adRows(data, layer, label_column), stream)
    else:
        chosen = [option for option, value in {**pictures, "layer": layer}.items() if value]
        if stream or chosen:
            raise DataError(f"{(chosen or ['stream'])[0]} is for files; the data are in memory")
    if window is not None or has_schema(data, table):
        name = str(data) if is_path else IN_MEMORY
        return assemble(name, read_table(data, **windows, **table))
    if not is_path:
        for option in (option for option, value in table.items() if value):
            raise DataError(f"{option} is for a table; the data are a {type(data).__name__}")
        return from_arrays(data, channels=channels)
    if data not in NAMED and (stream or is_record_file(data)):
        return open_stream(data, **pictures, channels=channels)
    source = NAMED[data]() if data in NAMED else read_path(data, pictures)
    return assemble(str(data), source, channels)


def _annotated(name: str, rows: H5adRows, stream: bool) -> Dataset:
    """The rows of a `.h5ad`: in memory, or, where they are many, dense a batch at a time."""
    is_large = rows.count * rows.row_bytes > DENSE_BYTES
    if stream or is_large:
        # a sparse matrix is small, and what is held out of it is dense
        most = max(HELD_OUT_ROWS * rows.row_bytes, int(HELD_OUT_PART * rows.file_bytes))
        dataset = stream_of(name, rows, split_bytes=most)
    else:
        dataset = assemble(name, rows.whole())
    return replace(dataset, told=dict(rows.obs.items()), entries=rows.entries)


def from_arrays(
    x: Any,
    labels: Any = None,
    x_test: Any = None,
    labels_test: Any = None,
    class_names: tuple[str, ...] | None = None,
    name: str = IN_MEMORY,
    x_validation: Any = None,
    labels_validation: Any = None,
    channels: str | None = None,
) -> Dataset:
    """The same for arrays that are in memory already.

    Args:
        x: (N, *event_shape), real numbers of any dtype: an array, DataFrame, list, tensor or
            SciPy sparse matrix; uint8 and uint16 levels are scaled to [0, 1]. Or a dictionary of
            such an `x` with a `mask` of its shape, 1 (True) where an entry is observed and 0 where
            it is missing, a `condition` (N, *condition_shape), or both: they are split with x.
            Entries of x that are missing may be NaN, and become 0.
        labels: (N,) whole numbers or strings, or None.
        x_test, labels_test: a test split, or None to cut one from `x`; with the mask and the
            condition that `x` has.
        class_names: the name of each label, or None.
        name: what reports call the data.
        x_validation, labels_validation: a validation split, or None to cut one from `x`.
        channels: as for `load_data`.

    Returns:
        `Dataset`, as from `load_data`.

    Raises:
        DataError: as `load_data`.
    """
    given = {"x": x, "x_validation": x_validation, "x_test": x_test}
    parts = {what: part_arrays(name, part) for what, part in given.items() if part is not None}
    arrays = {what: part.x for what, part in parts.items()}
    source = Source(
        arrays["x"],
        labels,
        arrays.get("x_test"),
        labels_test,
        class_names,
        arrays.get("x_validation"),
        labels_validation,
        masks={what: part.mask for what, part in parts.items() if part.mask is not None},
        conditions={w: part.condition for w, part in parts.items() if part.condition is not None},
    )
    return assemble(name, source, channels)
