"""Small models and runs that several tests share."""

import gc
import os
import resource
import signal
import sys
from collections import Counter
from contextlib import contextmanager
from types import SimpleNamespace

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Arrays are small here, and threads that wait for each other take the time of the next process.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from scipy import sparse

import keras_vae
from keras_vae.diagnosis.measurements import inference
from keras_vae.diagnosis.rules import probes
from keras_vae.export import check, export, served
from keras_vae.export.check import ask_served
from keras_vae.loop import trainer
from keras_vae.loop.steps import xla_helps
from keras_vae.networks import mlp_decoder, mlp_encoder
from keras_vae.runs import pipeline
from keras_vae.training import make_strategy

# A shell may start what runs in the background deaf to Ctrl-C, and its children with it.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Two devices, as far as TensorFlow knows, for tests of what is divided among devices.
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)


def pytest_collection_finish():
    """What was loaded by now stays: no search for garbage need go through it."""
    gc.freeze()


def pytest_sessionfinish():
    """What is left need not be searched for garbage: pytest would, for half a minute."""
    gc.freeze()


def pytest_collection_modifyitems(items):
    """Files with slow tests come first, so that no process is left with one at the end."""
    slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    items.sort(key=lambda item: -slow[item.path])


@pytest.fixture(scope="session", autouse=True)
def no_xla():
    """Compiling takes longer than most trainings here; those that are about it ask for `xla`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainer, "xla_helps", lambda model: False)
        yield


@pytest.fixture(scope="module")
def eager():
    """Models take the steps of training eagerly: a trace takes as long as ten of them.

    For all tests of a file, `pytestmark = pytest.mark.usefixtures("eager")`; but for `xla`.
    """
    with pytest.MonkeyPatch.context() as patch:
        always = property(lambda model: True, lambda model, value: None)
        patch.setattr(trainer.Trainer, "run_eagerly", always, raising=False)
        yield


@pytest.fixture
def xla(monkeypatch):
    """Training is compiled where `kvae fit` compiles it."""
    monkeypatch.setattr(trainer, "xla_helps", xla_helps)
    if "run_eagerly" in vars(trainer.Trainer):
        monkeypatch.delattr(trainer.Trainer, "run_eagerly")


@pytest.fixture(scope="session", autouse=True)
def checked_here():
    """An export is asked in this process; those that are about another ask for `fresh_process`."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (check, export):
            patch.setattr(module, "ask_served", served.check)
        yield


@pytest.fixture
def fresh_process(monkeypatch):
    """An export is asked in a process of its own, as `kvae export` asks it."""
    for module in (check, export):
        monkeypatch.setattr(module, "ask_served", ask_served)


@pytest.fixture(scope="session")
def two_devices():
    """A strategy with two replicas."""
    return make_strategy("mirrored")


@pytest.fixture(scope="session")
def binary_x():
    """200 examples of 6 binary entries that two hidden causes explain; read only."""
    rng = np.random.default_rng(0)
    causes = rng.integers(0, 2, size=(200, 2))
    noise = rng.random((200, 6)) < 0.1
    x = (np.repeat(causes, 3, axis=1) ^ noise).astype("float32")
    x.flags.writeable = False
    return x


@pytest.fixture(scope="session")
def small_vae():
    """Makes an untrained, compiled VAE for 6 entries and 2 latents."""

    def make(seed=0, **options):
        keras.utils.set_random_seed(seed)
        encoder = mlp_encoder((6,), 2, hidden=(16,))
        decoder = mlp_decoder((6,), 2, hidden=(16,))
        vae = keras_vae.VAE(encoder, decoder, seed=seed, **options)
        vae.compile("adam", jit_compile=False)  # compiling takes longer than the training
        return vae

    return make


@pytest.fixture
def mixed_precision():
    """Layers made in the test compute in float16."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    yield
    keras.config.set_dtype_policy(before)


@pytest.fixture
def no_pictures(monkeypatch):
    """`fit` draws nothing, which takes it longer than a short training."""
    monkeypatch.setattr(pipeline, "draw", lambda *arguments, **options: [])


@pytest.fixture
def short_probes(monkeypatch):
    """A diagnosis trains parts of a model on for two steps, without a graph: for tests of what is
    asked, and not of what is found by training."""
    for module in (probes, inference):
        monkeypatch.setattr(module, "PROBE_STEPS", 2)
    monkeypatch.setattr(inference.Inference.probe, "__defaults__", (2,))
    always = property(lambda model: True, lambda model, value: None)
    monkeypatch.setattr(trainer.Trainer, "run_eagerly", always, raising=False)


@pytest.fixture
def undiagnosed(monkeypatch):
    """`fit` diagnoses nothing, neither before nor after."""
    monkeypatch.setattr(pipeline, "warn_of_plan", lambda *arguments: set())
    monkeypatch.setattr(pipeline, "_diagnose", lambda *arguments: None)


@pytest.fixture
def bare_fit(no_pictures, undiagnosed):
    """`fit` trains and evaluates, no more."""


@pytest.fixture
def full_disk(monkeypatch):
    """Makes a context in which no file may grow past so many bytes: what a full disk does."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    @contextmanager
    def limited_to(size):
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limited_to


@pytest.fixture(scope="session")
def digits_config():
    """A training of a few seconds: warm-up, a beta that is not 1, real digits."""
    return keras_vae.Config(data="digits", hidden=(64, 32), epochs=6, beta=0.5, warmup=0.4, seed=3)


@pytest.fixture(scope="session")
def digits_run(digits_config, tmp_path_factory):
    """The run that `digits_config` leaves; read only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainer, "xla_helps", xla_helps)
        return keras_vae.fit(digits_config, tmp_path_factory.mktemp("models"), "digits")


@pytest.fixture(scope="session")
def digits_folder(digits_run):
    """The folder of `digits_run`; read only."""
    return digits_run.path


@pytest.fixture(scope="session")
def counts_h5ad(tmp_path_factory):
    """A `.h5ad` of 50 cells by 20 genes, and what it holds: `counts`, `obs`, `path`; read only."""
    pytest.importorskip("anndata")
    from keras_vae.data.sources.h5ad import of_anndata

    rng = np.random.default_rng(0)
    counts = rng.poisson(2, (50, 20)).astype("float32")
    obs = pd.DataFrame(
        {
            "batch": pd.Categorical(rng.choice(["a", "b"], 50)),
            "depth": rng.normal(5, 2, 50),
            "gap": np.where(np.arange(50) == 3, np.nan, 1.0),
        },
        index=[f"cell{i}" for i in range(50)],
    )
    path = tmp_path_factory.mktemp("counts") / "cells.h5ad"
    with of_anndata() as anndata:
        made = anndata.AnnData(sparse.csr_matrix(counts), obs)
        made.var_names = [f"gene{i}" for i in range(20)]
        made.layers["columns"] = sparse.csc_matrix(2 * counts)
        made.layers["dense"] = np.log1p(counts)
        made.write_h5ad(path)
    return SimpleNamespace(counts=counts, obs=obs, path=path)


@pytest.fixture(scope="session")
def people(tmp_path_factory):
    """The path of a table of 80 rows with gaps and a column of most kinds; read only."""
    rng = np.random.default_rng(0)
    cause = rng.normal(size=80)
    rows = ["name,height,income,visits,town,member,day"]
    for row, u in enumerate(cause):
        cells = [
            f"p{row}",
            f"{170 + 8 * u + rng.normal():.1f}",
            f"{np.exp(9 + u):.2f}",
            str(rng.poisson(np.exp(2 + u))),
            ("Ulm", "Bonn", "Kiel")[rng.integers(3)],
            "yes" if u > 0 else "no",
            f"2020-{1 + row % 12:02}-{1 + row // 4:02}",
        ]
        for entry in (1, 3, 4):
            cells[entry] = "" if rng.random() < 0.1 else cells[entry]
        rows.append(",".join(cells))
    path = tmp_path_factory.mktemp("tables") / "people.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


@pytest.fixture(scope="session")
def quick_run(tmp_path_factory):
    """Makes a run without pictures and diagnosis, and trains it without a graph."""

    def make(name, **options):
        config = keras_vae.Config(**{"latent": 2, "hidden": (8,), "batch_size": 32, **options})
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pipeline, "draw", lambda *arguments, **options: [])
            patch.setattr(pipeline, "warn_of_plan", lambda *arguments: set())
            patch.setattr(pipeline, "_diagnose", lambda *arguments: None)
            always = property(lambda model: True, lambda model, value: None)
            patch.setattr(trainer.Trainer, "run_eagerly", always, raising=False)
            folder = tmp_path_factory.mktemp("models")
            return keras_vae.fit(config, folder, name, warn=lambda line: None)

    return make


@pytest.fixture(scope="session")
def table_run(people, quick_run):
    """A run of `people`, trained for 2 epochs, without pictures and diagnosis; read only."""
    return quick_run("people", data=str(people), epochs=2)
