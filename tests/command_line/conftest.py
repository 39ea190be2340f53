"""The run that commands are asked about, and how to start a process that works on one."""

import sys
from pathlib import Path

import pytest

import keras_vae


@pytest.fixture(scope="session")
def bare_kvae():
    """The beginning of a command line: `kvae` as a process that leaves out what takes longest."""
    return [sys.executable, str(Path(__file__).with_name("bare_kvae.py"))]


@pytest.fixture
def loaded(monkeypatch, digits_run):
    """Commands find the shared run loaded: to read it and to trace its graphs takes longer."""
    load_run = keras_vae.load_run

    def load(record):
        return digits_run if Path(record.path) == digits_run.path else load_run(record)

    monkeypatch.setattr("keras_vae.load_run", load)
