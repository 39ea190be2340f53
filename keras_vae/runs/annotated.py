"""Codes in a `.h5ad`: beside the data that they are of, or by themselves."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd

from keras_vae.aliases import PathLike
from keras_vae.data.sources.h5ad import of_anndata
from keras_vae.errors import RunError
from keras_vae.files.packages import check_package

__all__ = ["OBSM", "write_codes"]

OBSM = "X_kvae"


def write_codes(path: PathLike, codes: Mapping[str, Any], source: PathLike | None = None) -> None:
    """Writes codes as `obsm["X_kvae"]` of a `.h5ad`.

    Args:
        path: of the file to write.
        codes: as from `encode_rows`; with a source, those of each row of its matrix, in its order.
        source: the `.h5ad` that the codes are of: it is copied, codes of before are replaced, and
            nothing else changes. None: a new file without `X`, with row, split and label in `obs`
            and `z_log_var` in `obsm` too.

    Raises:
        RunError: if the file cannot be written.
        DataError: without anndata.
    """
    path = Path(path)
    check_package(path)
    try:
        with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as folder:
            unfinished = Path(folder) / path.name
            if source is None:
                _write_new(unfinished, codes)
            else:
                shutil.copyfile(source, unfinished)
                with h5py.File(unfinished, "r+") as h5ad, of_anndata() as anndata:
                    anndata.io.write_elem(h5ad.require_group("obsm"), OBSM, codes["z_mean"])
            os.replace(unfinished, path)
    except OSError as error:
        raise RunError(f"{path} could not be written ({error.strerror or error})") from error


def _write_new(path: Path, codes: Mapping[str, Any]) -> None:
    known = {name: np.asarray(values) for name, values in codes.items() if values is not None}
    of_row = {name: values for name, values in known.items() if values.ndim == 1}
    obs = pd.DataFrame(of_row, index=known["row"].astype(str).astype(object))
    obsm = {OBSM: known["z_mean"], f"{OBSM}_log_var": known["z_log_var"]}
    with of_anndata() as anndata:
        anndata.AnnData(obs=obs, obsm=obsm).write_h5ad(path)
