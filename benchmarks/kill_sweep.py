"""Does a sweep that is killed again and again end with the table of an undisturbed one?

Usage: python benchmarks/kill_sweep.py [KILLS] [--bare|--stand-in]

Trains a small sweep with `kvae sweep`, undisturbed. Then the same command, the whole process group
killed (SIGKILL) at a random moment and the command given again, until there were KILLS kills (10);
and then once more, to its end. If it ends before, another sweep begins. A kill may come at any
time: while the configurations are checked, while runs train, are measured or drawn, while the table
is written. Every sweep must end with the same `sweep.json` and `sweep.md`, and every run with the
same weights, optimizer, history and figures, byte for byte.

--bare: runs leave out what takes longest and does not change a table: XLA, pictures, diagnosis.
--stand-in: runs train nothing, and only count epochs: what the sweep itself does, in minutes.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

OPTIONS = [
    *("--data", "digits", "--latent", "2", "--hidden", "64,32", "--epochs", "12"),
    *("--warmup", "0.2", "--checkpoint-every", "4", "--k", "100", "--json"),
    *("--vary", "beta=0.5,2", "--jobs", "2"),
]
KVAE = "from keras_vae_cli.main import kvae; kvae(prog_name='kvae')"
CHILDREN = {"--bare": "bare_child.py", "--stand-in": "fake_child.py"}
WITH_CHILD = """
import sys
from keras_vae.studies import children
children.COMMAND = (sys.executable, {path!r})
"""
SEED = 0
LONGEST = 0.8  # of the time of an undisturbed sweep, after which a kill comes at the latest


def start(out):
    program, options = KVAE, list(OPTIONS)
    for flag, name in CHILDREN.items():
        if flag in sys.argv:
            path = str(Path(__file__).parents[1] / "tests" / "studies" / name)
            program = WITH_CHILD.format(path=path) + KVAE
    if "--stand-in" in sys.argv:
        options += ["--epochs", "300", "--seeds", "6"]
    return subprocess.Popen(
        [sys.executable, "-c", program, "sweep", *options, "--out", str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def outcome(folder):
    """What must not depend on kills, by name."""
    found = {
        "sweep.json": json.loads((folder / "sweep.json").read_text()),
        "sweep.md": (folder / "sweep.md").read_text(),
    }
    for run in sorted(folder.glob("beta-*")):
        for name in ("history.csv", "metrics.json", "figures.json"):
            if (run / name).exists():  # a stand-in leaves figures alone
                found[f"{run.name}: {name}"] = (run / name).read_bytes()
        if (run / "model.keras").exists():
            with zipfile.ZipFile(run / "model.keras") as model:
                found[f"{run.name}: weights"] = model.read("model.weights.h5")
    return found


def state(folder):
    """What stands there when a kill comes, in a few words."""
    if not (folder / "sweep.json").exists():
        return "checking"
    finished = len(list(folder.glob("*/figures.json")))
    begun = len(list(folder.glob(".beta-*-unfinished-*/checkpoints")))
    return f"{finished} finished, {begun} with a checkpoint"


def run_until_it_ends(out, longest, rng, kills_left):
    """Kills and restarts one sweep; (seconds after the start, what stood there) of each kill."""
    kills = []
    while True:
        process = start(out)
        try:
            wait = rng.uniform(0.0, longest) if len(kills) < kills_left else None
            _, errors = process.communicate(timeout=wait)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.communicate()
            kills.append((wait, state(out / "sweep")))
            print(f"killed after {wait:.1f} s: {kills[-1][1]}", flush=True)
            continue
        if process.returncode != 0:
            sys.exit(f"kvae sweep failed: {errors.strip().splitlines()[-1]}")
        return kills


def main(kills_wanted):
    rng = random.Random(SEED)
    with tempfile.TemporaryDirectory() as folder:
        whole, killed = Path(folder) / "whole", Path(folder) / "killed"
        begin = time.monotonic()
        _, errors = (process := start(whole)).communicate()
        seconds = time.monotonic() - begin
        if process.returncode != 0:
            sys.exit(f"kvae sweep failed: {errors.strip().splitlines()[-1]}")
        expected = outcome(whole / "sweep")
        print(f"undisturbed: {seconds:.0f} s", flush=True)
        kills, sweeps, differing = 0, 0, 0
        while kills < kills_wanted:
            kills += len(run_until_it_ends(killed, LONGEST * seconds, rng, kills_wanted - kills))
            found = outcome(killed / "sweep")
            wrong = [name for name in expected if found.get(name) != expected[name]]
            left = [path.name for path in (killed / "sweep").glob(".*-unfinished-*")]
            sweeps, differing = sweeps + 1, differing + bool(wrong or left)
            print(
                f"sweep {sweeps}: differs in {wrong or 'nothing'}; left over: {left or 'nothing'}"
            )
            shutil.rmtree(killed)
        print(f"\n{kills} kills, {sweeps} sweeps, {differing} differ")
        sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main(next((int(word) for word in sys.argv[1:] if word.isdecimal()), 10))
