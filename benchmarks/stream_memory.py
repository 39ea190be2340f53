"""Does streaming need more memory when there are more data, and how fast is it?

Usage: python benchmarks/stream_memory.py [FOLDER]

Writes 28 x 28 gray images of noise as `.npy`, TFRecords and a folder of `.png`, each in a size that
fills all buffers and in ten times that size (1 GB in all, one after the other), streams an epoch of
each, dynamically binarised in batches of 128, in a new process on one core, and removes them. A
compiled sum stands for the training step, so that images/s are those of reading alone, with the
start of the pipeline. Peak is VmHWM; steady is the median of the second half of the epoch.
"imports" is a process that has only imported the package.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

SIZES = {"npy": 100_000, "tfrecord": 100_000, "images": 25_000}
BATCH_SIZE = 128
PIECE = 10_000
MIB = 2**20


def write(kind, path, count):
    """Noise in the given form, never much of it in memory."""
    rng = np.random.default_rng(0)
    pieces = (
        rng.integers(0, 256, (min(PIECE, count - start), 28, 28), dtype="uint8")
        for start in range(0, count, PIECE)
    )
    if kind == "npy":
        with open(path, "wb") as file:
            header = {"descr": "|u1", "fortran_order": False, "shape": (count, 28, 28)}
            np.lib.format.write_array_header_1_0(file, header)
            for piece in pieces:
                file.write(piece.tobytes())
    elif kind == "tfrecord":
        from keras_vae.data.sources.tfrecords import write_tfrecords

        path.mkdir()
        for number, piece in enumerate(pieces):
            write_tfrecords(path / f"{number:05}.tfrecord", piece)
    else:
        from PIL import Image

        for number, piece in enumerate(pieces):
            (path / str(number)).mkdir(parents=True)
            for place, image in enumerate(piece):
                Image.fromarray(image).save(path / str(number) / f"{place:05}.png")


def memory(field):
    """A field of /proc/self/status, in MiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024


def stream(path):
    """Streams one epoch: images a second, peak and steady memory."""
    import tensorflow as tf

    from keras_vae.data.streams.splits import open_stream

    if path == "imports":
        return {"peak": memory("VmHWM"), "steady": memory("VmRSS")}
    begin = time.perf_counter()
    dataset = open_stream(path)
    opened = time.perf_counter() - begin

    @tf.function(jit_compile=True)
    def consume(total, x):
        return total + tf.reduce_sum(x)

    samples, done = [], threading.Event()

    def sample():
        while not done.wait(0.02):
            samples.append(memory("VmRSS"))

    total = consume(0.0, tf.zeros((BATCH_SIZE, *dataset.event_shape)))
    watch = threading.Thread(target=sample)
    watch.start()
    images, begin = 0, time.perf_counter()
    with dataset.stream.errors():
        for x in dataset.stream.batches(0, BATCH_SIZE, 0, "dynamic"):
            total = consume(total, x)
            images += len(x)
    seconds = time.perf_counter() - begin
    done.set()
    watch.join()
    assert abs(total / images / 392 - 1) < 0.01
    return {
        "opened": opened,
        "rate": images / seconds,
        "peak": memory("VmHWM"),
        "steady": float(np.median(samples[len(samples) // 2 :])),
        "splits": sum(examples.x.nbytes for examples in dataset.splits.values()) / MIB,
    }


def measure(path):
    """`stream` in a process of its own, on one core."""
    command = [sys.executable, __file__, "--one", str(path)]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def main(folder):
    idle = measure("imports")
    print(
        f"imports: {idle['peak']:,.0f} MiB\n\n| data | images | on disk, MiB | opened in "
        "| images/s | held out and sample, MiB | steady, MiB | peak, MiB | peak 10x / 1x |"
        "\n|---|---|---|---|---|---|---|---|---|"
    )
    for kind, size in SIZES.items():
        peaks = []
        for count in (size, 10 * size):
            with tempfile.TemporaryDirectory(dir=folder) as place:
                path = Path(place) / f"x.{kind}"
                write(kind, path, count)
                files = [path] if path.is_file() else path.rglob("*.*")
                on_disk = sum(file.stat().st_size for file in files) / MIB
                result = measure(path)
            peaks.append(result["peak"])
            ratio = f"{peaks[1] / peaks[0]:.3f}" if len(peaks) == 2 else ""
            print(
                f"| {kind} | {count:,} | {on_disk:,.0f} | {result['opened']:.1f} s "
                f"| {result['rate']:,.0f} | {result['splits']:.0f} | {result['steady']:,.0f} "
                f"| {result['peak']:,.0f} | {ratio} |",
                flush=True,
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        print("\n" + json.dumps(stream(sys.argv[2])))
    else:
        main(sys.argv[1] if len(sys.argv) > 1 else None)
