"""How much memory does a sparse matrix of 100,000 cells by 2,000 genes take in training?

Usage: python benchmarks/counts_memory.py [CELLS] [GENES]

Writes a `.h5ad` of Poisson counts (CSR, a tenth of the entries above 0), opens it with the library
size and a batch as conditions, and reads an epoch of batches of 128, each in a process of its own.
Peak is VmHWM less that of a process that has imported the same; the target is 1.3 times the file
plus one batch of dense rows.
"""

import json
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

MIB = 2**20
BATCH_SIZE = 128


def peak():
    """Of this process, in MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def write(path, cells, genes):
    import anndata
    import numpy as np
    import pandas as pd
    from scipy import sparse

    rng = np.random.default_rng(0)
    step = 10_000
    parts = [
        sparse.csr_matrix(rng.poisson(0.105, (min(step, cells - first), genes)).astype("float32"))
        for first in range(0, cells, step)
    ]
    anndata.settings.allow_write_nullable_strings = True  # the strings of pandas 3
    obs = pd.DataFrame({"batch": pd.Categorical(rng.choice(["a", "b"], cells))})
    obs.index = obs.index.astype(str)
    anndata.AnnData(sparse.vstack(parts, "csr"), obs).write_h5ad(path)


def read(path):
    import anndata  # noqa: F401  # counted as an import, not as data
    import tensorflow as tf

    from keras_vae import Config, load_data
    from keras_vae.data import StreamBatches, conditions_of, with_conditions

    tf.reduce_sum(tf.zeros(3))
    before, begin = peak(), time.perf_counter()
    dataset = load_data(path, stream=True)
    config = Config(condition=("batch",), library=True)
    dataset = with_conditions(dataset, conditions_of(dataset, config))
    opened, seconds = peak(), time.perf_counter() - begin
    batches = StreamBatches(dataset.stream, BATCH_SIZE)
    batches.begin(0)
    begin, total = time.perf_counter(), 0
    while int(batches.take(4)[0]):
        total += 1
    return {
        "opening": opened - before,
        "peak": peak() - before,
        "opened_in": seconds,
        "rate": batches.steps * BATCH_SIZE / (time.perf_counter() - begin),
        "held_out": sum(part.x.nbytes for part in dataset.splits.values()) / MIB,
    }


def main(cells=100_000, genes=2_000):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "counts.h5ad"
        subprocess.run(
            [sys.executable, __file__, "--write", path, str(cells), str(genes)], check=True
        )
        command = [sys.executable, __file__, "--read", str(path)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stderr)
        found = json.loads(done.stdout.splitlines()[-1])
        size = path.stat().st_size / MIB
    batch = BATCH_SIZE * genes * 4 / MIB
    print(
        f"{cells:,} x {genes:,}: file {size:.0f} MiB, dense {cells * genes * 4 / MIB:.0f} MiB; "
        f"opened in {found['opened_in']:.1f} s with {found['opening']:.0f} MiB, peak of an epoch "
        f"{found['peak']:.0f} MiB (target {1.3 * size + batch:.0f}), of which held-out and sample "
        f"{found['held_out']:.0f}; {found['rate']:,.0f} cells/s"
    )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if sys.argv[1:2] == ["--write"]:
        write(sys.argv[2], *map(int, sys.argv[3:]))
    elif sys.argv[1:2] == ["--read"]:
        print(json.dumps(read(sys.argv[2])))
    else:
        main(*map(int, sys.argv[1:]))
