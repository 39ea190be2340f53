"""Does a training that is killed again and again end as if it had not been?

Usage: python benchmarks/kill_training.py [KILLS]

Trains a short run with `kvae fit`, undisturbed. Then the same command with `--resume`, killed
(SIGKILL) at a random moment and given again, until it ends; and that again, until there were KILLS
kills (20). Every run must end with the same files: weights and optimizer bit for bit, history,
test figures. A kill may come at any time: before the first checkpoint, while one is written, while
the best model is saved, during evaluation.
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
    "--data",
    "digits",
    "--hidden",
    "64,32",
    "--epochs",
    "60",
    "--warmup",
    "0.2",
    "--binarize",
    "dynamic",
    "--checkpoint-every",
    "4",
    "--track-evidence",
    "--json",
]
SEED = 0


def start(out, *more):
    command = [sys.executable, "-m", "keras_vae_cli", "fit", *OPTIONS, "--out", str(out), *more]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def outcome(folder):
    """What must not depend on kills."""
    with zipfile.ZipFile(folder / "model.keras") as model:
        weights = model.read("model.weights.h5")
    evidence = json.loads((folder / "evidence.json").read_text())["columns"]
    metrics = json.loads((folder / "metrics.json").read_text())
    return weights, (folder / "history.csv").read_bytes(), metrics, evidence


def run_until_it_ends(out, longest, rng, kills_left):
    """Kills and restarts one run; the times of the kills, in seconds after each start."""
    kills = []
    while True:
        process = start(out, "--resume")
        try:
            wait = rng.uniform(0.0, longest) if len(kills) < kills_left else None
            _, errors = process.communicate(timeout=wait)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.communicate()
            if (out / "vae").exists():  # published: only its pictures were to come
                return kills
            kills.append(wait)
            continue
        if process.returncode != 0:
            sys.exit(f"kvae fit --resume failed: {errors.strip().splitlines()[-1]}")
        return kills


def main(kills_wanted):
    rng = random.Random(SEED)
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole"
        begin = time.monotonic()
        process = start(whole)
        _, errors = process.communicate()
        longest = time.monotonic() - begin
        if process.returncode != 0:
            sys.exit(f"kvae fit failed: {errors.strip().splitlines()[-1]}")
        expected = outcome(whole / "vae")
        print(f"undisturbed: {longest:.1f} s", flush=True)
        kills, runs, differing = 0, 0, 0
        while kills < kills_wanted:
            out = Path(folder) / "killed"
            times = run_until_it_ends(out, longest, rng, kills_wanted - kills)
            same = outcome(out / "vae") == expected
            kills, runs, differing = kills + len(times), runs + 1, differing + (not same)
            moments = ", ".join(f"{moment:.1f}" for moment in times)
            print(f"run {runs}: killed after {moments or '-'} s; same: {same}", flush=True)
            shutil.rmtree(out)
        print(f"\n{kills} kills, {runs} runs that were resumed to their end, {differing} differ")
        sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
