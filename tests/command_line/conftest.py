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


@pytest.fixture(scope="session")
def told_run(people, quick_run):
    """A run of `people` that is told a class and a number of each row; read only."""
    return quick_run("told", data=str(people), condition=("member", "income"), epochs=1)


@pytest.fixture(scope="session")
def counts_run(counts_h5ad, quick_run):
    """A run of counts that is told their batch and their sum; read only."""
    return quick_run("counts", data=str(counts_h5ad.path), condition=("batch",), epochs=1)


@pytest.fixture
def table_loaded(monkeypatch, table_run):
    """The same of the shared run of a table."""
    _find_loaded(monkeypatch, table_run)


@pytest.fixture
def tables_loaded(monkeypatch, table_run, told_run):
    """The same of all runs of tables."""
    for run in (table_run, told_run):
        _find_loaded(monkeypatch, run)


@pytest.fixture
def counts_loaded(monkeypatch, counts_run):
    """The same of the run of counts, which needs anndata."""
    _find_loaded(monkeypatch, counts_run)


def _find_loaded(monkeypatch, run):
    load_run = keras_vae.load_run

    def load(record):
        path = getattr(record, "path", record)
        return run if Path(path) == run.path else load_run(record)

    monkeypatch.setattr("keras_vae.load_run", load)
