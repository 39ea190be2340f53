import h5py
import numpy as np
import pytest

from keras_vae.data.sources.h5ad import of_anndata
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
    write_codes(path, {"z_mean": CODES}, counts_h5ad.path)
    after = contents(path)
    np.testing.assert_array_equal(after.pop("obsm/X_kvae"), CODES)
    assert after.keys() == before.keys()
    for name, values in before.items():
        np.testing.assert_array_equal(after[name], values)
    write_codes(path, {"z_mean": CODES + 1}, path)  # over those of before
    np.testing.assert_array_equal(contents(path)["obsm/X_kvae"], CODES + 1)
    assert [each.name for each in tmp_path.iterdir()] == ["codes.h5ad"]


def test_a_folder_that_is_not_there_is_one_line(counts_h5ad, tmp_path):
    with pytest.raises(RunError, match=r"codes\.h5ad could not be written"):
        write_codes(tmp_path / "none" / "codes.h5ad", {"z_mean": CODES}, counts_h5ad.path)


def test_codes_of_other_data_are_a_file_of_their_own(tmp_path):
    pytest.importorskip("anndata")
    path = tmp_path / "codes.h5ad"
    split = np.array(["train", "test"] * 25)
    codes = {"row": np.arange(50)[::-1], "split": split, "labels": None, "z_mean": CODES}
    write_codes(path, {**codes, "z_log_var": -CODES})
    with of_anndata() as anndata:
        read = anndata.read_h5ad(path)
    assert read.X is None
    assert list(read.obs) == ["row", "split"]
    assert read.obs_names.tolist() == read.obs["row"].astype(str).tolist()
    assert read.obs["row"].tolist() == list(range(50))[::-1]
    assert read.obs["split"].tolist() == split.tolist()
    np.testing.assert_array_equal(read.obsm["X_kvae"], CODES)
    np.testing.assert_array_equal(read.obsm["X_kvae_log_var"], -CODES)
    assert [each.name for each in tmp_path.iterdir()] == ["codes.h5ad"]


def test_a_write_that_fails_leaves_the_old_file_and_no_other(counts_h5ad, tmp_path, monkeypatch):
    def fail(*given):
        raise OSError(28, "No space left on device")

    path = tmp_path / "codes.h5ad"
    path.write_bytes(b"old")
    monkeypatch.setattr("os.replace", fail)
    codes = {"row": np.arange(50), "z_mean": CODES, "z_log_var": CODES}
    for source in (None, counts_h5ad.path):
        with pytest.raises(RunError, match="No space left on device"):
            write_codes(path, codes, source)
        assert path.read_bytes() == b"old"
        assert [each.name for each in tmp_path.iterdir()] == ["codes.h5ad"]
