import h5py
import numpy as np
import pytest

from keras_vae.errors import RunError
from keras_vae.runs import write_codes

CODES = np.random.default_rng(0).normal(size=(50, 3)).astype("float32")


def contents(path):
    """Every array in the file, by its place."""
    found = {}
    with h5py.File(path) as file:
        file.visititems(
            lambda name, item: found.update({name: item[()]}) if hasattr(item, "dtype") else None
        )
    return found


def test_codes_are_added_and_nothing_else_changes(counts_h5ad, tmp_path):
    path = tmp_path / "codes.h5ad"
    before = contents(counts_h5ad.path)
    write_codes(path, counts_h5ad.path, CODES)
    after = contents(path)
    np.testing.assert_array_equal(after.pop("obsm/X_kvae"), CODES)
    assert after.keys() == before.keys()
    for name, values in before.items():
        np.testing.assert_array_equal(after[name], values)
    write_codes(path, path, CODES + 1)  # over those of before
    np.testing.assert_array_equal(contents(path)["obsm/X_kvae"], CODES + 1)
    assert [each.name for each in tmp_path.iterdir()] == ["codes.h5ad"]


def test_a_folder_that_is_not_there_is_one_line(counts_h5ad, tmp_path):
    with pytest.raises(RunError, match=r"codes\.h5ad could not be written"):
        write_codes(tmp_path / "none" / "codes.h5ad", counts_h5ad.path, CODES)
