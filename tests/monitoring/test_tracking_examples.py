"""Trackers of others record what the callbacks put into `logs`; skipped where one is missing."""

import importlib.util
import json
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
RATES = [f"rate_latent_{j}" for j in range(3)]
BLOCK = 32768


def run(example, folder, package, **environment):
    """Runs an example for two epochs; returns what it printed, and the elbo that Keras printed."""
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / example), "2"],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    elbo = [float(value) for value in re.findall(r" elbo: (\S+)", done.stdout)]
    return done.stdout, elbo


def check(columns, elbo):
    """Whether what was recorded, name -> a value an epoch, is what training reported."""
    np.testing.assert_allclose(columns["elbo"], elbo, rtol=1e-4)  # Keras prints five digits
    # The rates are of the validation data, so they add up to what validation reports.
    total = np.sum([columns[name] for name in RATES], axis=0)
    np.testing.assert_allclose(total, columns["val_rate"], rtol=1e-5)
    assert all(active in {0, 1, 2, 3} for active in columns["active_units"])
    assert len(columns["gradient_norm"]) == len(columns["learning_rate"]) == len(elbo) == 2


def test_mlflow_records_them(tmp_path):
    store = tmp_path / "mlflow.db"
    printed, elbo = run(
        "track_with_mlflow.py", tmp_path, "mlflow", MLFLOW_TRACKING_URI=f"sqlite:///{store}"
    )
    connection = sqlite3.connect(store)
    rows = connection.execute("SELECT key, value FROM metrics ORDER BY step, timestamp").fetchall()
    connection.close()
    columns = {}
    for name, value in rows:
        columns.setdefault(name, []).append(value)
    check(columns, elbo)
    for name in [*RATES, "active_units", "elbo"]:
        assert f"  {name} {columns[name][-1]:.3f}\n" in printed


def test_weights_and_biases_records_them(tmp_path):
    printed, elbo = run(
        "track_with_wandb.py",
        tmp_path,
        "wandb",
        WANDB_MODE="offline",
        WANDB_DIR=str(tmp_path),
    )
    (path,) = tmp_path.glob("wandb/offline-run-*/run-*.wandb")
    rows = history(path)
    columns = {name.removeprefix("epoch/"): [row[name] for row in rows] for name in rows[0]}
    assert columns["epoch"] == [0, 1]
    check(columns, elbo)
    for name in [*RATES, "active_units", "elbo"]:
        assert f"  epoch/{name} {columns[name][-1]:.3f}\n" in printed


def history(path):
    """What `wandb.log` left in an offline run: a dictionary a call."""
    from wandb.proto import wandb_internal_pb2

    rows = []
    for message in messages(path.read_bytes()):
        record = wandb_internal_pb2.Record()
        record.ParseFromString(message)
        if record.WhichOneof("record_type") == "history":
            items = record.history.item
            rows.append({"/".join(item.nested_key): json.loads(item.value_json) for item in items})
    return rows


def messages(content):
    """The messages of a file in the log format of LevelDB, after 7 bytes of W&B's own.

    Blocks of 32 KiB hold parts of messages: a checksum (4 bytes), a length (2), the kind (1), and
    so many bytes. Kind 1 is a whole message, 4 the last part of one.
    """
    at, parts = 7, b""
    while at + 7 <= len(content):
        room = BLOCK - at % BLOCK
        if room < 7:  # too short for a part
            at += room
            continue
        size, kind = int.from_bytes(content[at + 4 : at + 6], "little"), content[at + 6]
        parts += content[at + 7 : at + 7 + size]
        at += 7 + size
        if kind in (1, 4):
            yield parts
            parts = b""
