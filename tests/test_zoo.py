"""The failure zoo of the benchmarks: what spoils a model must reach what training computes."""

import inspect
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))
import zoo.train

from keras_vae.diagnosis.finding import WARNING
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.rules import STAGES

SPOILT_IN_TRAINING = [
    name
    for name, injector in zoo.INJECTORS.items()
    if inspect.getmodule(injector.make) in (zoo.loss, zoo.noise, zoo.training)
    and "subject(" in inspect.getsource(injector.make)
]
# Their change is an option of the training, such as its epochs, or comes after the first step.
OF_OPTIONS = {"stopped_early", "learning_rate_too_low", "learning_rate_too_high"}
STEP = 32
SMALL = ("digits_binary", "toy")


def one_step(vae, x, beta):
    """The weights after one step of training code on the first examples."""
    vae.beta = beta
    vae.compile(keras.optimizers.SGD(0.01), run_eagerly=True)
    vae.train_step((np.asarray(x[:STEP]),))
    return [np.asarray(weight) for weight in vae.get_weights()]


@pytest.fixture
def steps(monkeypatch):
    """(cell, seed, weights after one step, options) of each model that the zoo trains."""
    made = []

    def trained(vae, cell, x, seed, x_validation=None, beta=1.0, **options):
        made.append((cell, seed, one_step(vae, x, beta), options))
        return {}

    monkeypatch.setattr(zoo.train, "trained", trained)
    zoo.train.healthy.cache_clear()
    yield made
    zoo.train.healthy.cache_clear()


@pytest.mark.parametrize("name", sorted({*SPOILT_IN_TRAINING} - OF_OPTIONS))
def test_what_an_injector_changes_changes_what_is_trained(name, steps):
    injector = zoo.INJECTORS[name]
    small = [name for name in SMALL if name in (injector.cells or SMALL)]
    cell = zoo.CELLS[(small or injector.cells)[0]]
    injector.make(cell, 0, injector.severities[-1])
    cell, seed, spoilt, options = steps[-1]
    train, _ = cell.examples(seed)
    plain = one_step(zoo.train.build(cell, train, seed), train, 1.0)
    is_changed = len(spoilt) != len(plain) or any(
        a.shape != b.shape or not np.array_equal(a, b) for a, b in zip(spoilt, plain, strict=True)
    )
    assert is_changed or options


# What is wrong with the columns of a table, whatever was trained.
OF_COLUMNS = {
    rule.__name__: rule
    for rule in STAGES["data"]
    if rule.__module__.rpartition(".")[2] in ("columns", "classes")
}
OF_TABLES = {
    name: injector
    for name, injector in zoo.INJECTORS.items()
    if inspect.getmodule(injector.make) is zoo.tables and injector.expected <= {*OF_COLUMNS}
}


@pytest.mark.parametrize("name", OF_TABLES)
def test_what_is_wrong_with_a_table_is_found_and_nothing_else(name, monkeypatch):
    monkeypatch.setattr(zoo.tables, "trained", lambda *arguments: {})
    injector = OF_TABLES[name]
    subject = injector.make(zoo.CELLS["toy"], 0, injector.severities[-1])
    found = {name: rule(Measurements(subject)) for name, rule in OF_COLUMNS.items()}
    assert {name for name, each in found.items() if each is not None} == injector.expected
    assert all(found[name].severity == WARNING for name in injector.expected)
