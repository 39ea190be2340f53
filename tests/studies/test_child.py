import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from keras_vae import Config, RunError, load_run, sweep
from keras_vae.evidence import importance_weighted_bound
from keras_vae.files.formats import with_format
from keras_vae.measures import standard_error
from keras_vae.studies import children
from keras_vae.studies.check import check
from keras_vae.studies.child import measure
from keras_vae.studies.plan import FIGURES, SWEEP, plan_of

BARE = (sys.executable, str(Path(__file__).with_name("bare_child.py")))


def test_the_figures_of_a_run_are_those_of_its_test_split(compared, monkeypatch, tmp_path):
    run = compared[2]
    plan = plan_of(Config(data="digits"), {}, k=20, examples=30)
    monkeypatch.setattr("keras_vae.runs.load_run", lambda path: run)
    sha256 = check(plan)["sha256"]
    measure(plan, tmp_path, sha256)
    found = json.loads((tmp_path / FIGURES).read_text())
    assert found["figures"]["elbo"]["mean"] == pytest.approx(run.metrics["elbo"])
    assert found["figures"]["rate"]["mean"] == pytest.approx(run.metrics["rate"])
    error = run.metrics["elbo_standard_error"]
    assert found["figures"]["elbo"]["standard_error"] == pytest.approx(error)
    assert (found["active_units"], found["latent"]) == (run.metrics["active_units"], 4)
    x = run.load_data().given("test")[:30]
    bound = importance_weighted_bound(run.vae, x, [2, 20], seed=0).bounds[-1]
    evidence = found["figures"]["log_evidence"]
    assert evidence["mean"] == pytest.approx(bound.mean())
    assert evidence["standard_error"] == pytest.approx(standard_error(bound))
    with pytest.raises(RunError, match="digits has changed since the sweep began"):
        measure(plan, tmp_path, "another")


@pytest.mark.slow
def test_a_run_that_is_killed_with_its_sweep_goes_on_from_its_checkpoint(tmp_path, monkeypatch):
    config = Config(data="digits", hidden=(16,), epochs=12)
    plan = plan_of(config, {"beta": [0.5]}, k=20, examples=30)
    path = tmp_path / "sweep"
    path.mkdir()
    begun = {"plan": plan.to_dict(), "checked": check(plan)}  # as a process of its own would
    (path / SWEEP).write_text(json.dumps(with_format(begun)))
    (name,) = plan.runs
    program = (
        "import sys\n"
        "from keras_vae import Config, sweep\n"
        "from keras_vae.studies import children\n"
        f"children.COMMAND = {BARE!r}\n"
        "config = Config(data='digits', hidden=(16,), epochs=12)\n"
        "sweep(config, {'beta': [0.5]}, out=sys.argv[1], k=20, examples=30)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    while not list(path.glob(f".{name}-unfinished-*/checkpoints/at-*")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert not (path / name).exists()
    monkeypatch.setattr(children, "COMMAND", BARE)
    found = sweep(config, {"beta": [0.5]}, out=tmp_path, k=20, examples=30)
    assert found.failed == {}
    run = load_run(path / name)
    assert run.record["training"]["epochs"] == 12
    events = [json.loads(line) for line in (path / name / "events.jsonl").read_text().splitlines()]
    assert [each["event"] for each in events].count("train_begin") == 2
    assert found.rows[0].mean("elbo") == pytest.approx(run.metrics["elbo"])
    left = {each.name for each in path.iterdir()}
    files = {"sweep.json", "sweep.md", "rate_distortion.png", "log_evidence.png"}
    assert left == {name, ".lock"} | files
