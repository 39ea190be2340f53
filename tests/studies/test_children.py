import os
import subprocess
import sys
import time

import pytest

from keras_vae.studies import children
from keras_vae.studies.children import Child, work_through

ECHO = """
import json, os, sys, time
task = json.loads(sys.stdin.readline())
if task["run"] == "silent":
    os._exit(3)
print("threads", os.environ["OMP_NUM_THREADS"], os.environ["TF_FORCE_GPU_ALLOW_GROWTH"])
if task["run"].startswith("wait"):
    sys.stdin.read()
    print("ended with its parent", flush=True)
if task["run"] == "killed":
    os.kill(os.getpid(), 9)
if task["run"] == "refused":
    sys.exit("Error: the disk is full")
time.sleep(0.1)
"""


@pytest.fixture
def start(monkeypatch, tmp_path):
    monkeypatch.setattr(children, "COMMAND", (sys.executable, "-S", "-c", ECHO))
    return lambda name: Child({"run": name, "threads": 3}, tmp_path / f"{name}.log")


def test_a_child_knows_its_threads_and_that_others_share_the_gpu(start, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "64")
    child = start("fine")
    assert child.wait() == 0
    assert child.reason is None
    assert child.log.read_text() == "threads 3 true\n"
    child.stop()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("refused", "the disk is full"),
        ("killed", "killed by signal 9"),
        ("silent", "ended with exit code 3"),
    ],
)
def test_why_a_child_failed_is_one_line(start, name, reason):
    child = start(name)
    child.wait()
    assert child.reason == reason
    child.stop()


def test_all_are_worked_through_so_many_at_once_and_a_crash_stops_none(start):
    most, ends = [], {}
    work_through(
        ["a", "killed", "b", "refused", "c"], start, 2, ends.__setitem__,
        lambda running: most.append(len(running)),
    )  # fmt: skip
    assert max(most) == 2
    assert ends == {
        "a": None, "b": None, "c": None, "killed": "killed by signal 9",
        "refused": "the disk is full",
    }  # fmt: skip


def test_an_interruption_leaves_no_process(start, tmp_path):
    started = []

    def begin(name):
        started.append(start(name))
        return started[-1]

    def interrupt(running):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work_through(["wait1", "wait2", "wait3"], begin, 2, lambda *end: None, interrupt)
    assert len(started) == 2
    assert all(child.has_ended for child in started)


def test_a_child_ends_with_its_parent_even_if_that_is_killed(tmp_path):
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from keras_vae.studies import children\n"
        "children.COMMAND = (sys.executable, '-S', '-c', sys.argv[1])\n"
        "child = children.Child({'run': 'wait', 'threads': 1}, Path(sys.argv[2]))\n"
        "print(child._process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    log = tmp_path / "log"
    parent = subprocess.Popen(
        [sys.executable, "-c", program, ECHO, str(log)], stdout=subprocess.PIPE, text=True
    )
    pid = int(parent.stdout.readline())
    os.kill(pid, 0)  # it is there
    parent.kill()
    parent.communicate()
    deadline = time.monotonic() + 30
    while "ended with its parent" not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert "ended with its parent" in log.read_text()
