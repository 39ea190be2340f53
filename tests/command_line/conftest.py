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
    _find_loaded(monkeypatch, digits_run)


@pytest.fixture
def table_loaded(monkeypatch, table_run):
    """The same of the shared run of a table."""
    _find_loaded(monkeypatch, table_run)


def _find_loaded(monkeypatch, run):
    load_run = keras_vae.load_run

    def load(record):
        path = getattr(record, "path", record)
        return run if Path(path) == run.path else load_run(record)

    monkeypatch.setattr("keras_vae.load_run", load)
