"""Codes beside the data that they are of: a `.h5ad` with a matrix more in `obsm`."""

import os
import shutil
import tempfile
from pathlib import Path

import h5py
import numpy as np

from keras_vae.aliases import PathLike
from keras_vae.data.sources.h5ad import of_anndata
from keras_vae.errors import RunError

__all__ = ["OBSM", "write_codes"]

OBSM = "X_kvae"


def write_codes(path: PathLike, source: PathLike, codes: np.ndarray) -> None:
    """Writes a copy of a `.h5ad` with codes as `obsm["X_kvae"]`, in place of those of before.

    Args:
        path: of the file to write.
        source: the `.h5ad` that the codes are of.
        codes: float32 (N, d), a row for each row of its matrix, in its order.

    Raises:
        RunError: if the file cannot be written.
    """
    path = Path(path)
    try:
        with tempfile.TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as folder:
            unfinished = Path(folder) / path.name
            shutil.copyfile(source, unfinished)
            with h5py.File(unfinished, "r+") as h5ad, of_anndata() as anndata:
                anndata.io.write_elem(h5ad.require_group("obsm"), OBSM, codes)
            os.replace(unfinished, path)
    except OSError as error:
        raise RunError(f"{path} could not be written ({error.strerror or error})") from error
