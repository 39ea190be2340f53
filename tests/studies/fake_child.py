"""A child of a sweep that trains nothing: a run is a number of short epochs, which it keeps.

Its `warmup` says what becomes of it: 0.9 crashes, 0.8 is refused, 0.7 ends by a signal.
"""

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

EPOCH = 0.02  # seconds


def end_with_parent():
    while os.read(0, 1):
        pass
    os._exit(1)


task = json.loads(sys.stdin.readline())
threading.Thread(target=end_with_parent, daemon=True).start()
signal.signal(signal.SIGINT, signal.SIG_IGN)
options = task["plan"]["options"]
if task["run"] is None:
    if options["warmup"] == 0.5:
        sys.exit("Error: warmup 0.5: is not for these data")
    checked = {"sha256": "ab", "warnings": ["by default, all is well"], "gpus": 0}
    Path(task["answer"]).write_text(json.dumps(checked))
    sys.exit(0)

folder, name = Path(task["folder"]), task["run"]
assert task["sha256"] == "ab"
if "warmup-0.9" in name:
    raise RuntimeError("a bug")
if "warmup-0.8" in name:
    sys.exit("Error: the disk is full")
if "warmup-0.7" in name:
    os.kill(os.getpid(), signal.SIGKILL)
working = folder / f".{name}-unfinished-x"
working.mkdir(exist_ok=True)
log = working / "events.jsonl"
with open(log, "a") as file:
    print(json.dumps({"event": "train_begin", "epochs": options["epochs"]}), file=file, flush=True)
    done = sum('"epoch"' in line for line in log.read_text().splitlines())
    for epoch in range(done, options["epochs"]):
        time.sleep(EPOCH)
        line = {"event": "epoch_end", "epoch": epoch + 1, "threads": task["threads"]}
        print(json.dumps(line), file=file, flush=True)
value = -float(len(name)) - int(name[-1])
figures = {
    figure: {"mean": value, "standard_error": 0.5}
    for figure in ("elbo", "rate", "distortion", "gain", "log_evidence")
}
found = {
    "figures": figures, "active_units": 2, "latent": 2, "doubts": [], "protocol": "fake",
}  # fmt: skip
(working / "figures.json").write_text(json.dumps(found))
os.rename(working, folder / name)
