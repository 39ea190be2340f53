"""How long from the start of `kvae fit` to its first step, and where does the time go?

Usage: python benchmarks/start_up.py [DATA] [REPEATS]

DATA is `mnist5k` unless given. Each repeat is a new process that does what `kvae fit --data DATA`
does up to the end of its first call, which traces, compiles and takes several steps (a tenth of a
second of them). The table gives medians.
"""

import statistics
import subprocess
import sys
import tempfile
import time

PHASES = ("imports", "data, model", "first call of the training step")


def one(data, start):
    """Prints when each phase ended, in seconds since `start`."""
    ends = []

    def end():
        ends.append(time.time() - start)

    import keras

    import keras_vae as kv

    end()

    class Watch(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            end()

        def on_train_batch_end(self, batch, logs=None):
            end()
            print(*ends, flush=True)
            raise KeyboardInterrupt

    with tempfile.TemporaryDirectory() as folder:
        kv.fit(kv.Config(data=data), folder, callbacks=[Watch()])


def main(data, repeats):
    seconds = {phase: [] for phase in PHASES}
    for _ in range(repeats):
        command = [sys.executable, __file__, "--one", data, str(time.time())]
        done = subprocess.run(command, capture_output=True, text=True)
        ends = [0.0, *map(float, done.stdout.split())]
        for phase, before, after in zip(PHASES, ends[:-1], ends[1:], strict=True):
            seconds[phase].append(after - before)
    print(f"| {data}, {repeats} repeats | seconds |\n|---|---|")
    for phase, each in seconds.items():
        print(f"| {phase} | {statistics.median(each):.2f} |")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], float(sys.argv[3]))
    else:
        data, repeats = (sys.argv[1:] + ["mnist5k", "5"][len(sys.argv) - 1 :])[:2]
        main(data, int(repeats))
