"""How long do whole processes take: the import, each command, a wrong path?

Usage: python benchmarks/start_up.py [CHECKOUT ...] [--repeats N] [--only NAME,NAME]

Each CHECKOUT is a folder of this repository with a `.venv` in it, such as `make fit` leaves; none:
this one. With several, each figure has its ratio to that of the first: `git worktree add ../before
COMMIT`, `make -C ../before fit`, then `python benchmarks/start_up.py ../before .`.

Each checkout fits a model of its own first, which is not counted. Then every repeat runs every
process of every checkout once, in an order that is shuffled anew, one at a time. Seconds and CPU
seconds (user and system, of all threads) are those of the whole process, from outside; memory is
the largest resident set. The table, after each repeat, gives medians and the ratio of medians.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

KVAE = ("-m", "keras_vae_cli")
FIT = (*KVAE, "fit", "--latent", "2", "--epochs", "1", "--overwrite", "--out")

# name -> (arguments of Python, exit codes that are right); MODEL and OUT are filled in
PROCESSES = {
    "import keras_vae": (("-c", "import keras_vae"), {0}),
    "and ask it for VAE": (("-c", "import keras_vae; keras_vae.VAE"), {0}),
    "fit --latent 2 --epochs 1": ((*FIT, "OUT"), {0}),
    "evaluate": ((*KVAE, "evaluate", "MODEL"), {0}),
    "encode": ((*KVAE, "encode", "MODEL", "--output", "OUT/z.npz", "--overwrite"), {0}),
    "sample": ((*KVAE, "sample", "MODEL", "--output", "OUT/x.png", "--overwrite"), {0}),
    "diagnose": ((*KVAE, "diagnose", "MODEL"), {0, 4}),
    "diagnose --cheap": ((*KVAE, "diagnose", "MODEL", "--cheap"), {0, 4}),
    "info": ((*KVAE, "info", "MODEL"), {0}),
    "a model that is not there": ((*KVAE, "encode", "MODEL/nowhere"), {1}),
    "data that are not there": ((*KVAE, "fit", "--data", "MODEL/no.npz", "--out", "OUT"), {1}),
}
FIGURES = ("seconds", "CPU seconds", "MiB")


class Checkout:
    """A copy of the code with its Python, and a model that it fitted."""

    def __init__(self, path, folder):
        self.path = Path(path).resolve()
        self.python = self.path / ".venv" / "bin" / "python"
        self.out = folder / "out"
        self.model = folder / "models" / "vae"
        self.out.mkdir(parents=True)
        code = self.ask("-c", "import keras_vae; print(keras_vae.__file__)").strip()
        if not Path(code).is_relative_to(self.path):
            sys.exit(f"{self.python} imports {code}: expected the code of {self.path}")
        self.ask(*FIT, str(self.model.parent))

    def command(self, arguments):
        places = {"MODEL": str(self.model), "OUT": str(self.out)}
        for name, place in places.items():
            arguments = [argument.replace(name, place) for argument in arguments]
        return [str(self.python), *arguments]

    def ask(self, *arguments):
        """What a process prints that is not measured."""
        done = subprocess.run(
            [str(self.python), *arguments], capture_output=True, text=True, cwd=self.out
        )
        if done.returncode:
            sys.exit(done.stderr)
        return done.stdout

    def measure(self, arguments, right):
        """Seconds, CPU seconds and MiB of one process."""
        command = self.command(arguments)
        start = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.out
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in right:
            sys.exit(f"{' '.join(command)}: exit code {process.returncode}, expected {right}")
        unit = 2**20 if sys.platform == "darwin" else 2**10  # of ru_maxrss
        return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkouts", nargs="*", default=[Path(__file__).parents[1]])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", help="names of processes, as the table has them")
    options = parser.parse_args()
    names = options.only.split(",") if options.only else list(PROCESSES)
    order = random.Random(0)
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        checkouts = [
            Checkout(path, Path(folder) / str(number))
            for number, path in enumerate(options.checkouts)
        ]
        for repeat in range(options.repeats):
            jobs = [(name, number) for name in names for number in range(len(checkouts))]
            order.shuffle(jobs)
            for name, number in jobs:
                figures = checkouts[number].measure(*PROCESSES[name])
                found.setdefault((name, number), []).append(figures)
            print(f"\nAfter repeat {repeat + 1} of {options.repeats}:\n")
            print_table(names, found, len(checkouts))


def print_table(names, found, count):
    """A line for each process: the figures of each checkout, and their ratio to the first's."""
    heads = [
        head
        for figure in FIGURES
        for head in (figure, *(h for n in range(1, count) for h in (f"{figure} ({n})", "ratio")))
    ]
    # After each repeat, so that what was measured survives an interruption.
    print(f"| medians of {len(next(iter(found.values())))} | {' | '.join(heads)} |")
    print("|---|" + "---|" * len(heads))
    for name in names:
        cells = []
        for figure, digits in enumerate((2, 2, 0)):
            values = [
                statistics.median(each[figure] for each in found[name, number])
                for number in range(count)
            ]
            cells.append(f"{values[0]:.{digits}f}")
            for value in values[1:]:
                cells += [f"{value:.{digits}f}", f"**{value / values[0]:.2f}**"]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
