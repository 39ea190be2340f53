"""A version exported from a real run, which the tests of this folder share."""

import shutil
import sys
from typing import NamedTuple

import pytest

import keras_vae
from keras_vae.runs import Run


class Exported(NamedTuple):
    run: Run
    path: object  # of the version
    metadata: dict


@pytest.fixture(scope="session")
def exported(digits_folder, tmp_path_factory):
    """Version 1 of a model of 8x8 digits that are binarised dynamically; read only."""
    folder = tmp_path_factory.mktemp("served") / "digits"
    shutil.copytree(digits_folder, folder)
    run = keras_vae.load_run(folder)
    return Exported(run, *run.export())


def forget(monkeypatch, name):
    """Modules of a package that are imported already are imported anew."""
    for module in [module for module in sys.modules if module.split(".")[0] == name]:
        monkeypatch.delitem(sys.modules, module)


@pytest.fixture
def no_serving_messages(monkeypatch):
    """The package tensorflow-serving-api is not installed."""
    forget(monkeypatch, "tensorflow_serving")
    monkeypatch.setitem(sys.modules, "tensorflow_serving", None)


@pytest.fixture
def namesake(monkeypatch, tmp_path_factory):
    """Another package provides `tensorflow_serving`, as tensorflow-serving-config 0.0.2 does."""
    folder = tmp_path_factory.mktemp("namesake")
    (folder / "tensorflow_serving" / "config").mkdir(parents=True)
    (folder / "tensorflow_serving" / "__init__.py").touch()
    forget(monkeypatch, "tensorflow_serving")
    monkeypatch.syspath_prepend(folder)
