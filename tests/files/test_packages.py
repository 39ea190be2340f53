import importlib.util
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_vae
from keras_vae.errors import DataError
from keras_vae.files.packages import check_package, is_installed, package_versions


def test_the_versions_are_those_of_the_imported_packages():
    versions = package_versions()
    assert versions["tensorflow"] == tf.__version__
    assert versions["keras"] == keras.__version__
    assert versions["numpy"] == np.__version__
    assert set(versions) >= {"python", "tensorflow_probability"}
    assert versions["keras_vae"] == keras_vae.__version__


def test_a_folder_that_has_the_name_of_a_package_is_not_the_package(tmp_path, monkeypatch):
    """As `tensorboard/` is, where a script writes its logs beside itself."""
    (tmp_path / "name_of_a_package").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    assert importlib.util.find_spec("name_of_a_package") is not None
    assert not is_installed("name_of_a_package.summary")
    assert not is_installed("no_such_package.summary")
    assert is_installed("keras.ops")


@pytest.mark.parametrize(
    ("name", "module", "extra"),
    [
        ("t.parquet", "pyarrow", "parquet"),
        ("T.PARQUET", "pyarrow", "parquet"),
        ("x.h5ad", "anndata", "anndata"),
    ],
)
def test_a_file_whose_package_is_not_installed_is_refused(monkeypatch, name, module, extra):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(DataError, match=rf"{name}: .* needs the package {module}: .*\[{extra}\]"):
        check_package(name)
    check_package("t.csv")
