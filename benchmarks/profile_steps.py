"""Which operations take the time of the compiled training step?

Usage: python benchmarks/profile_steps.py MNIST.npz [BATCH_SIZE]

Profiles two epochs of the loop that `kvae fit --binarize none` runs, and prints the operations that
take most thread time. A fusion has the name of its last operations: `select_subtract_fusion` is
log p(x|z) of each pixel, `divide_subtract_fusion` and `multiply_add_fusion` are mostly Adam's.
"""

import collections
import glob
import re
import sys
import tempfile

import tensorflow as tf
from tensorflow.tsl.profiler.protobuf import xplane_pb2

import keras_vae as kv
from keras_vae.training import build_vae

CONTAINERS = ("ThunkExecutor::Execute", "SlinkyThreadPool::Await")  # of other operations, waiting


def thread_milliseconds(folder):
    """Operation -> milliseconds, added up over the threads that compute, copies of it together."""
    (path,) = glob.glob(f"{folder}/plugins/profile/*/*.xplane.pb")
    space = xplane_pb2.XSpace()
    with open(path, "rb") as file:
        space.ParseFromString(file.read())
    spent = collections.Counter()
    for plane in space.planes:
        for line in plane.lines:
            if "Eigen" in line.name:
                for event in line.events:
                    name = plane.event_metadata[event.metadata_id].name
                    spent[re.sub(r"(_\d+)?\.\d+$", "", name)] += event.duration_ps / 1e9
    return collections.Counter({k: v for k, v in spent.items() if k not in CONTAINERS})


def main(path, batch_size):
    data = kv.load_data(path)
    config = kv.Config(data=path, binarize="none", batch_size=batch_size)
    vae = build_vae(config, data)
    batches = kv.data.TrainingBatches(data.train.x, batch_size, "none")
    vae.fit(batches, verbose=0)  # compiles
    with tempfile.TemporaryDirectory() as folder:
        tf.profiler.experimental.start(folder)
        vae.fit(batches, epochs=2, verbose=0)
        tf.profiler.experimental.stop()
        spent = thread_milliseconds(folder)
    total, steps = sum(spent.values()), 2 * batches.steps
    print(f"{total / steps:.2f} ms of thread time a step of {batch_size}\n")
    print("| operation | ms a step | share |\n|---|---|---|")
    for name, milliseconds in spent.most_common(8):
        print(f"| {name} | {milliseconds / steps:.3f} | {milliseconds / total:.0%} |")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 128)
