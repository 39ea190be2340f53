"""Does a sweep that is killed again and again end with the table of an undisturbed one?

Usage: python benchmarks/kill_sweep.py [KILLS] [--bare]

Trains a small sweep with `kvae sweep`, undisturbed. Then the same command, the whole process group
killed (SIGKILL) at a random moment and the command given again, until there were KILLS kills (10);
and then once more, to its end. If it ends before, another sweep begins. A kill may come at any
time: while the configurations are checked, while runs train, are measured or drawn, while the table
is written. Every sweep must end with the same `sweep.json` and `sweep.md`, and every run with the
same weights, optimizer, history and figures, byte for byte.

--bare: runs leave out what the table does not depend on and takes longest: XLA, pictures, diagnosis.
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
BARE_CHILD = Path(__file__).parents[1] / "tests" / "studies" / "bare_child.py"
PROGRAM = f"""
import sys
from keras_vae.studies import children
children.COMMAND = (sys.executable, {str(BARE_CHILD)!r})
{KVAE}
"""
IS_BARE = "--bare" in sys.argv
SEED = 0
LONGEST = 0.4  # of the time of an undisturbed sweep, after which a kill comes at the latest


def start(out):
    command = ["sweep", *OPTIONS, "--out", str(out)]
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM if IS_BARE else KVAE, *command],
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
        with zipfile.ZipFile(run / "model.keras") as model:
            found[f"{run.name}: weights"] = model.read("model.weights.h5")
        for name in ("history.csv", "metrics.json", "figures.json"):
            found[f"{run.name}: {name}"] = (run / name).read_bytes()
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
