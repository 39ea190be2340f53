"""The run that commands are asked about."""

from pathlib import Path

import pytest

import keras_vae


@pytest.fixture
def loaded(monkeypatch, digits_run):
    """Commands find the shared run loaded: to read it and to trace its graphs takes longer."""
    load_run = keras_vae.load_run

    def load(record):
        return digits_run if Path(record.path) == digits_run.path else load_run(record)

    monkeypatch.setattr("keras_vae.load_run", load)
