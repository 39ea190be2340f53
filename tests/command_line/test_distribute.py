"""`kvae fit --distribute multi-worker` in real processes, which talk over loopback."""

import json
import os
import signal
import socket
import subprocess
import time

import keras
import numpy as np
import pytest
from click.testing import CliRunner
from keras_vae_cli.main import kvae

from keras_vae import load_data

# Each test starts processes that train.
pytestmark = pytest.mark.slow

OPTIONS = ["--hidden", "16", "--batch-size", "100", "--json"]


@pytest.fixture
def cluster(bare_kvae):
    """Makes a function that starts worker `index`; ends all of them after the test."""
    sockets = [socket.socket() for _ in range(2)]
    for each in sockets:
        each.bind(("localhost", 0))
    workers = [f"localhost:{each.getsockname()[1]}" for each in sockets]
    for each in sockets:
        each.close()
    started = []

    def start(index, out, *more, data="digits"):
        task = {"cluster": {"worker": workers}, "task": {"type": "worker", "index": index}}
        process = subprocess.Popen(
            [*bare_kvae, "fit", "--data", data, *OPTIONS, "--out", str(out),
             "--distribute", "multi-worker", *more],
            env={**os.environ, "TF_CONFIG": json.dumps(task)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def ended(process):
    stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == 0, stderr
    return stdout, stderr


@pytest.mark.parametrize("more", [[], ["--stream"]])
def test_two_workers_give_the_weights_of_one_process_and_the_chief_alone_writes(
    tmp_path, cluster, more, bare_fit
):
    data = "digits"
    if more:
        data = str(tmp_path / "digits.npy")
        # 140 for validation: two workers can halve each of its batches
        np.save(data, load_data("digits").train.x[:1400])
    # 14 or 11 steps each; each worker draws its own noise in validation, which after fewer epochs
    # may choose another one as the best
    more = [*more, "--epochs", "5"]
    chief, helper = (cluster(index, tmp_path / "two", *more, data=data) for index in (0, 1))
    stdout, _ = ended(chief)
    assert ended(helper)[0] == ""
    assert [path.name for path in (tmp_path / "two").iterdir()] == ["vae"]
    alone = ["fit", "--data", data, *OPTIONS, *more, "--out", str(tmp_path / "one")]
    done = CliRunner().invoke(kvae, alone)
    assert done.exit_code == 0, done.stderr
    two, one = (keras.saving.load_model(tmp_path / name / "vae/model.keras")
                for name in ("two", "one"))  # fmt: skip
    for first, second in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_allclose(first, second, rtol=0, atol=1e-5)
    elbos = [json.loads(text)["metrics"]["elbo"] for text in (stdout, done.stdout)]
    assert elbos[0] == pytest.approx(elbos[1], abs=1e-4)


def test_workers_with_different_options_all_say_so_and_leave_nothing(tmp_path, cluster):
    for process in [cluster(index, tmp_path, "--beta", beta) for index, beta in enumerate("12")]:
        _, stderr = process.communicate(timeout=120)
        assert process.returncode == 1
        assert "Error: the workers were given different options" in stderr
        assert "Traceback" not in stderr
    assert list(tmp_path.iterdir()) == []


def test_a_worker_that_is_killed_and_started_again_finishes_the_run(tmp_path, cluster):
    chief, helper = (cluster(index, tmp_path, "--epochs", "12") for index in (0, 1))
    deadline = time.monotonic() + 100
    while not list(tmp_path.glob(".vae-unfinished-*/checkpoints/at-0000000[3-9]")):
        assert time.monotonic() < deadline
        assert chief.poll() is None, chief.communicate()
        time.sleep(0.05)
    helper.send_signal(signal.SIGKILL)
    again = cluster(1, tmp_path, "--epochs", "12", "--resume")
    stdout, stderr = ended(chief)
    assert "another worker is gone" in stderr
    ended(again)
    assert json.loads(stdout)["training"]["epochs"] == 12
    assert [path.name for path in tmp_path.iterdir()] == ["vae"]
