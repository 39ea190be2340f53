"""A version exported from a real run, which the tests of this folder share."""

import shutil
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
