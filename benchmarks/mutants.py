"""Do the tests notice when a line of the package is wrong?

Usage: pip install cosmic-ray==8.7.0                                   # for `draw` alone
       python benchmarks/mutants.py draw COMMIT DRAWN [COUNT [SEED]]   # 200 mutants, seed 0
       python benchmarks/mutants.py run COMMIT DRAWN RESULTS [--cpu 60] [--limit N] [--first OLD]
       python benchmarks/mutants.py table RESULTS [OLD]

**draw** picks COUNT places of keras_vae/ and cli/ that one of cosmic-ray's operators can change,
each place as likely as any other, and of each place one of its changes. Left out is what cannot
change behaviour (the syntax tree without annotations, docstrings and `if TYPE_CHECKING` stays as it
was; `aliases.py` holds types only) and what Python refuses or warns of. DRAWN is JSON lines, one
mutant each: file, line, function, operator, the lines before and after.

**run** asks the tests of COMMIT about each mutant. The whole suite for each would take days, so
tests are chosen by a rule, the same for every commit: the mirrored test file (tests/X/test_Y.py for
keras_vae/X/Y.py, tests/command_line/test_Y.py for cli/Y.py); then test files in which the mutated
module or one of its public names is written, those of the mirrored folder first, then by how
often; then the rest of that folder. In each file what is marked slow comes last.

- killed: a test fails, or cannot be collected.
- survived: all the chosen tests passed, or those that ran in `--cpu` seconds of the processor. With
  a larger `--cpu` the latter go on where they stopped.
- timeout: one test took 60 seconds of the processor, or 15 minutes of any kind. That is a hang
  where it takes at most a fifth of that unmutated, as `table` says; it counts as killed.
- gone: DRAWN is of another commit, and the mutant's lines no longer stand in the function of
  that name, in its file or in exactly one other.

Every test that killed is run once on unmutated code: one that fails there as well is left out from
then on, and its mutants are run again. `--first OLD` runs first what killed a mutant in the results
OLD. RESULTS grows by a line for each mutant; what was interrupted goes on, and `--limit` ends after
so many mutants (exit code 3: there are more).

One process imports TensorFlow, runs nothing with it, and forks a child for each mutant, which
imports a copy of the package with the mutant in it; one thread each.
"""

import argparse
import importlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from mutation.ask import HANG, ask, judge, read
from mutation.draw import SOURCES, draw

PRELOADED = (
    "tensorflow", "keras", "tensorflow_probability.python.distributions", "numpy", "scipy.stats",
    "sklearn.ensemble", "sklearn.mixture", "sklearn.cluster", "matplotlib.figure",
    "matplotlib.backends.backend_agg", "pandas", "rich.table", "rich.progress", "click.testing",
    "mlxtend.data", "PIL.Image", "filelock", "pytest",
)  # fmt: skip


def unpacked(commit):
    """A copy of the commit's files, in a folder that keeps their bytecode between calls."""
    git = ["git", "-C", str(Path(__file__).parents[1])]
    name = subprocess.check_output([*git, "rev-parse", commit], text=True).strip()
    root = Path(tempfile.gettempdir()) / f"mutants-{name[:12]}" / "tree"
    files = subprocess.check_output([*git, "archive", name])
    with tarfile.open(fileobj=io.BytesIO(files)) as archive:
        archive.extractall(root, filter="data")
    link = root.parent / "links" / "keras_vae_cli"  # the name under which setup.py installs cli/
    link.parent.mkdir(exist_ok=True)
    if not link.exists():
        link.symlink_to(root / "cli")
    return root


def prepare(root):
    """Imports what all children share, and compiles the untouched copy once."""
    for name in PRELOADED:
        importlib.import_module(name)
    from tensorflow.python.eager import context

    assert context.context()._context_handle is None, "TensorFlow has run: its forks would hang"
    if not (root.parent / "compiled").exists():
        subprocess.check_call([sys.executable, "-m", "compileall", "-q", *SOURCES], cwd=root)
        ask(root, ["--collect-only"])
        (root.parent / "compiled").touch()


def add(results, record):
    with open(results, "a") as file:
        file.write(json.dumps(record) + "\n")


def is_open(last, cpu, wrong):
    """Whether a mutant with this last result is to be run, again or for the first time."""
    if not last or last.get("by") in wrong:
        return True
    return last["outcome"] == "survived" and not last["all"] and last["cpu"] < cpu


def check(root, results):
    """Runs the tests that have killed on unmutated code, each test once."""
    rows = read(results)
    by = {row["by"] for row in rows if "::" in row.get("by", "")}
    by -= {row["check"] for row in rows if "check" in row}
    if not by:
        return
    got, *_ = ask(root, sorted(by), stop=False)
    failed = {event["failed"] for event in got if "failed" in event}
    took = {event["finished"]: event["cpu"] for event in got if "finished" in event}
    for test in sorted(by):
        passes = test in took and test not in failed
        add(results, {"check": test, "passes": passes, "cpu": took.get(test)})


def run(commit, drawn, results, cpu, limit, old):
    """Whether no mutant is left to run."""
    root = unpacked(commit)
    prepare(root)
    Path(results).touch()
    killers = {row["id"]: row["by"] for row in read(old) if row.get("by")} if old else {}
    left = len(read(drawn)) if limit is None else limit
    while True:
        rows = read(results)
        last = {row["id"]: row for row in rows if "id" in row}
        wrong = [row["check"] for row in rows if not row.get("passes", True)]
        todo = [each for each in read(drawn) if is_open(last.get(each["id"]), cpu, wrong)]
        if not todo or left <= 0:
            return not todo
        for mutant in todo[:left]:
            before = last.get(mutant["id"], {})
            before = before if before.get("outcome") == "survived" else {}
            result = judge(root, mutant, before, killers.get(mutant["id"]), wrong, cpu)
            add(results, result)
            print({name: said for name, said in result.items() if name != "passed"}, flush=True)
        left -= len(todo)
        check(root, results)


def table(results, old):
    rows = {row["id"]: row for row in read(results) if "id" in row}
    usual = {row["check"]: row["cpu"] for row in read(results) if "check" in row}
    print("| killed | timeout | survived all that were chosen | survived a part | gone |")
    print("|---|---|---|---|---|")
    kinds = [row["outcome"] + {False: " a part"}.get(row.get("all"), "") for row in rows.values()]
    order = ("killed", "timeout", "survived", "survived a part", "gone")
    print("|", " | ".join(str(kinds.count(kind)) for kind in order), "|")
    for (name, row), kind in zip(rows.items(), kinds, strict=True):
        if row["outcome"] == "timeout":
            print(f"{kind} of {HANG} s: {name} by {row['by']}, else {usual.get(row['by'])} s")
        elif row["outcome"] == "survived":
            print(f"{kind}: {name}")
    for row in read(results):
        if not row.get("passes", True):
            print(f"left out, fails unmutated: {row['check']}")
    if old:
        was = {row["id"]: row for row in read(old) if "id" in row}
        both = [name for name, row in rows.items() if name in was and row["outcome"] != "gone"]
        before, now = (
            sum(of[name]["outcome"] in ("killed", "timeout") for name in both) for of in (was, rows)
        )
        print(f"of {len(both)} that still apply: killed before {before}, now {now}")


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("command", choices=("draw", "run", "table"))
    parser.add_argument("given", nargs="+")
    parser.add_argument("--cpu", type=float, default=60)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--first")
    options = parser.parse_args()
    given = options.given
    if options.command == "draw":
        commit, out, count, seed = [*given, *("200", "0")[len(given) - 2 :]]
        mutants = draw(unpacked(commit), int(count), int(seed))
        Path(out).write_text("".join(json.dumps(mutant) + "\n" for mutant in mutants))
    elif options.command == "run":
        sys.exit(0 if run(*given, options.cpu, options.limit, options.first) else 3)
    else:
        table(given[0], given[1] if given[1:] else None)


if __name__ == "__main__":
    # one thread, said before anything is imported
    for name in ("OMP_NUM", "OPENBLAS_NUM", "TF_NUM_INTRAOP", "TF_NUM_INTEROP"):
        os.environ[f"{name}_THREADS"] = "1"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    sys.path.pop(0)  # benchmarks/ has modules with names of others
    main()
