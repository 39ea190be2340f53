"""Is a version that a server can see always whole? Kills exports at random moments to find out.

Usage: python benchmarks/kill_export.py MODEL [kills]

MODEL is the folder that kvae fit left; a copy of it is exported from. Each export gets SIGKILL at
a moment drawn uniformly over the time that a whole export takes. Then every version is checked as
`kvae check-export` does.
"""

import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import keras_vae as kv

model, kills = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 50


def start(folder):
    command = [Path(sys.executable).with_name("kvae"), "export", folder]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


with tempfile.TemporaryDirectory() as scratch:
    folder = Path(scratch) / "vae"
    shutil.copytree(model, folder)
    begun = time.monotonic()
    if start(folder).wait() != 0:
        sys.exit(f"kvae export {model} fails; nothing to kill")
    whole = time.monotonic() - begun
    rng = random.Random(0)
    killed = in_the_middle = published = 0
    while killed < kills:
        before = set(folder.iterdir())
        begun = time.monotonic()
        export = start(folder)
        moment = rng.uniform(0, 1.05 * whole)
        try:
            export.wait(moment)
            whole = time.monotonic() - begun  # other work makes it vary
            how = "finished"
        except subprocess.TimeoutExpired:
            export.send_signal(signal.SIGKILL)
            export.wait()
            how = "killed"
        new = sorted(path.name for path in set(folder.iterdir()) - before)
        if how == "killed":
            killed += 1
            in_the_middle += any(name.startswith(".") for name in new)
            published += any(name.isdecimal() for name in new)
        after = min(moment, time.monotonic() - begun)
        print(f"{killed:3d}: {how} after {after:5.2f} s, left {', '.join(new) or 'nothing'}")
        for path in folder.glob(".*"):
            shutil.rmtree(path)
    broken = 0
    for path, report in kv.export.check_versions(folder).items():
        if report["faults"]:
            broken += 1
            print(f"BROKEN {path.name}: {report['faults']}")
    print(
        f"{killed} exports killed: {in_the_middle} while the version was written or checked, "
        f"{published} after it was published, the others before; of the "
        f"{len(kv.export.list_versions(folder))} versions that a server can see {broken} are broken"
    )
    sys.exit(broken > 0)
