import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from keras_vae import Config, ConfigError, KerasVAEError, RunError, sweep
from keras_vae.studies import children
from keras_vae.studies.sweeping import _Clock

FAKE = (sys.executable, "-S", str(Path(__file__).with_name("fake_child.py")))
DIGITS = Config(data="digits", epochs=3)
VARY = {"beta": [0.5, 2.0, 10.0], "latent": [2, 8]}
# The same as a process of its own, which may be killed.
PROGRAM = f"""
import sys
from keras_vae import Config, sweep
from keras_vae.studies import children
children.COMMAND = {FAKE!r}
config = Config(data="digits", epochs=int(sys.argv[2]))
try:
    sweep(config, {VARY!r}, seeds=2, out=sys.argv[1], jobs=2, warn=print)
except KeyboardInterrupt as stop:
    sys.exit(str(stop))
"""


@pytest.fixture(autouse=True)
def fake(monkeypatch, request):
    """Children train nothing, and only the test that looks at the pictures waits for them."""
    monkeypatch.setattr(children, "COMMAND", FAKE)
    if "pictures" not in request.node.name:
        monkeypatch.setattr("keras_vae.studies.pictures.draw_sweep", lambda sweep: [])


def swept(out, vary, seeds=1, **options):
    lines = []
    found = sweep(DIGITS, vary, seeds, out, warn=lines.append, **options)
    return found, lines


def test_a_sweep_leaves_its_runs_a_table_and_two_pictures(tmp_path):
    states = []
    found, lines = swept(tmp_path, VARY, 2, jobs=3, progress=states.append)
    assert lines == ["by default, all is well"]
    assert len(found.rows) == 6
    assert all(row.spread("elbo") == pytest.approx(np.std([0, 1], ddof=1)) for row in found.rows)
    names = {path.name for path in found.path.iterdir() if not path.name.startswith(".")}
    files = {"sweep.json", "sweep.md", "rate_distortion.png", "log_evidence.png"}
    assert names == files | set(found.plan.runs)
    record = json.loads((found.path / "sweep.json").read_text())
    assert record["table"] == found.to_dict()["table"]
    assert (found.path / "sweep.md").read_text() == found.to_markdown()
    assert max(len(state.running) for state in states) == 3
    assert (states[-1].finished, states[-1].total, states[-1].seconds_left) == (12, 12, 0)
    assert any(state.seconds_left for state in states[:-1])


def test_the_cores_are_shared_among_the_children(tmp_path, monkeypatch):
    monkeypatch.setattr("keras_vae.studies.sweeping.cpu_count", lambda: 9)
    for jobs, threads, name in ((2, 4, "two"), (None, 4, "all")):  # two runs: no more at once
        found, _ = swept(tmp_path, {"beta": [0.5, 2.0]}, jobs=jobs, name=name)
        for run in found.plan.runs:
            line = (found.path / run / "events.jsonl").read_text().splitlines()[-1]
            assert json.loads(line)["threads"] == threads


def test_a_sweep_that_is_finished_is_read_and_not_repeated(tmp_path):
    found, _ = swept(tmp_path, {"beta": [0.5, 2.0]})
    times = [(found.path / run).stat().st_mtime_ns for run in found.plan.runs]
    again, lines = swept(tmp_path, {"beta": [0.5, 2.0]})
    assert [(found.path / run).stat().st_mtime_ns for run in found.plan.runs] == times
    assert (again.to_dict(), lines) == (found.to_dict(), [])


def test_a_crash_is_told_with_its_log_and_the_others_go_on(tmp_path):
    found, lines = swept(tmp_path, {"warmup": [0.0, 0.7, 0.8, 0.9]}, jobs=2)
    assert [row.name for row in found.rows] == ["warmup 0"]
    assert found.failed == {
        "warmup-0.7_seed-0": "killed by signal 9",
        "warmup-0.8_seed-0": "the disk is full",
        "warmup-0.9_seed-0": "RuntimeError: a bug",
    }
    assert len(lines) == 4
    assert "a bug" in (found.path / "warmup-0.9_seed-0.log").read_text()
    assert not (found.path / "warmup-0_seed-0.log").exists()


def test_what_is_wrong_is_said_before_anything_is_trained(tmp_path):
    config = DIGITS.replace(warmup=0.5)
    with pytest.raises(KerasVAEError, match=r"^warmup 0.5: is not for these data$"):
        sweep(config, {"beta": [1.0]}, out=tmp_path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ConfigError, match="in memory; the runs of a sweep are processes"):
        sweep(DIGITS.replace(data=np.zeros((30, 4))), {"beta": [1.0]}, out=tmp_path)
    swept(tmp_path, {"beta": [1.0]})
    with pytest.raises(RunError, match="beta: 1 there, 1,2 now"):
        swept(tmp_path, {"beta": [1.0, 2.0]})


def start(out, epochs):
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(out), str(epochs)], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def has_figures(folder, count):
    return len(list(folder.glob("sweep/*/figures.json"))) >= count


def wait_for(process, is_reached):
    while not is_reached():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


@pytest.mark.slow
def test_a_sweep_that_is_killed_again_and_again_ends_with_the_same_table(tmp_path):
    whole, _ = swept(tmp_path / "whole", VARY, 2)
    killed = tmp_path / "killed"
    for finished in (1, 5, 9):
        process = start(killed, 3)
        wait_for(process, lambda finished=finished: has_figures(killed, finished))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    with pytest.raises(RunError, match="epochs: 3 there, 4 now"):
        sweep(DIGITS.replace(epochs=4), VARY, 2, out=killed)
    found, lines = swept(killed, VARY, 2)
    assert lines == []  # nothing is checked again
    assert found.to_dict() == whole.to_dict()
    texts = [(each.path / "sweep.json").read_bytes() for each in (found, whole)]
    assert texts[0] == texts[1]
    for run in found.plan.runs:  # what was begun went on
        events = (found.path / run / "events.jsonl").read_text().splitlines()
        epochs = [json.loads(line).get("epoch") for line in events]
        assert [epoch for epoch in epochs if epoch] == [1, 2, 3]


def test_ctrl_c_ends_all_and_says_how_to_go_on_and_two_do_not_work_on_one(tmp_path):
    process = start(tmp_path, 100)
    wait_for(process, lambda: list(tmp_path.glob("sweep/.*-unfinished-*")))
    with pytest.raises(RunError, match="another process is at work on this sweep"):
        sweep(DIGITS.replace(epochs=100), VARY, 2, out=tmp_path)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert errors == "interrupted; 0 of 12 runs are finished; the same command goes on\n"
    logs = list(tmp_path.glob("sweep/.*-unfinished-*/events.jsonl"))
    sizes = [log.stat().st_size for log in logs]
    time.sleep(0.2)
    assert [log.stat().st_size for log in logs] == sizes  # nobody writes any more


def test_the_time_left_follows_the_epochs_of_unfinished_runs(tmp_path, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("keras_vae.studies.sweeping.time.monotonic", lambda: now[0])
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "figures.json").touch()
    clock = _Clock(tmp_path, ["a", "b", "c"])
    assert clock.look(["b"], 0).seconds_left is None
    working = tmp_path / ".b-unfinished-x"
    working.mkdir()
    lines = [{"event": "train_begin", "epochs": 4}, {"event": "epoch_end", "epoch": 1}]
    (working / "events.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    now[0] = 110.0
    state = clock.look(["b"], 0)
    assert (state.finished, state.total, state.running) == (1, 3, ("b",))
    assert state.done == pytest.approx(1.25 / 3)
    assert state.seconds_left == pytest.approx(70)  # 1.75 runs at 10 seconds a quarter
