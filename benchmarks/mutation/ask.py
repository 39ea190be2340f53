"""The tests are asked about one mutant, in a child of this process."""

import ast
import contextlib
import json
import os
import re
import resource
import signal
import sys
import time
from pathlib import Path

from mutation.draw import applied

HANG = 60  # seconds of the processor that one test may take
STUCK = 15 * 60  # seconds of any kind


def read(path):
    """The records of a file of JSON lines."""
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def chosen(root, path):
    """The test files that are asked about a file of the package, in their order."""
    part, *inner = path.relative_to(root).with_suffix("").parts
    tests = root / "tests"
    folder = tests / "command_line" if part == "cli" else tests.joinpath(*inner[:-1])
    mirrored = folder / f"test_{inner[-1]}.py"
    top = ast.parse(path.read_text()).body
    defined = [node.name for node in top if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    assigned = [node for node in top if isinstance(node, ast.Assign)]
    defined += [t.id for node in assigned for t in node.targets if isinstance(t, ast.Name)]
    names = [name for name in defined if not name.startswith("_")]
    dotted = ".".join([part.replace("cli", "keras_vae_cli"), *inner]).removesuffix(".__init__")
    parent, _, own = dotted.rpartition(".")
    words = [re.escape(dotted), rf"from {re.escape(parent)} import .*\b{own}", *names]
    told = re.compile("|".join(rf"\b(?:{word})\b" for word in words))
    naming = [file for file in tests.rglob("test_*.py") if told.search(file.read_text())]
    naming.sort(key=lambda f: (f.parent != folder, -len(told.findall(f.read_text())), str(f)))
    files = [*([mirrored] if mirrored.exists() else []), *naming, *sorted(folder.glob("test_*.py"))]
    return [str(file.relative_to(root)) for file in dict.fromkeys(files)]


def cpu():
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    used = [resource.getrusage(kind) for kind in kinds]
    return sum(each.ru_utime + each.ru_stime for each in used)


class Watch:
    """A pytest plugin that writes down what happens, and stops after `limit` seconds of the
    processor."""

    def __init__(self, events, first, left_out, limit):
        self.events, self.first, self.left_out = events, first, set(left_out)
        self.begin, self.limit = cpu(), limit

    def tell(self, **event):
        with open(self.events, "a") as file:
            file.write(json.dumps(event) + "\n")

    def pytest_sessionstart(self, session):
        self.session = session

    def pytest_collection_modifyitems(self, items):
        files = list(dict.fromkeys(item.path for item in items if item.nodeid not in self.first))
        items[:] = [item for item in items if item.nodeid not in self.left_out]
        items.sort(
            key=lambda item: (
                item.nodeid not in self.first,
                files.index(item.path) if item.path in files else -1,
                item.get_closest_marker("slow") is not None,
            )
        )

    def pytest_collectreport(self, report):
        if report.failed:
            self.tell(failed=f"collection of {report.nodeid}")

    def pytest_runtest_logstart(self, nodeid):
        self.start = cpu()
        self.tell(started=nodeid)
        signal.setitimer(signal.ITIMER_PROF, HANG)

    def pytest_runtest_logreport(self, report):
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            message = " ".join(crash.message.split()) if crash else ""
            self.tell(failed=report.nodeid, message=message[:160])

    def pytest_runtest_logfinish(self, nodeid):
        self.tell(finished=nodeid, cpu=round(cpu() - self.start, 2))
        if self.limit and cpu() - self.begin > self.limit:
            self.session.shouldstop = "out of time"


def wait(pid, events):
    """(status, resources) of a child, which gets SIGALRM where no test ends for too long."""
    size, waited = 0, 0.0
    while True:
        done, status, used = os.wait4(pid, os.WNOHANG)
        if done:
            return status, used
        time.sleep(0.1)
        waited += 0.1  # time in which both processes are stopped does not count
        if events.stat().st_size > size:
            size, waited = events.stat().st_size, 0.0
        if waited > STUCK:
            os.kill(pid, signal.SIGALRM)


def ask(root, targets, first=(), left_out=(), limit=None, stop=True):
    """(events, exit code or -signal, seconds of the processor) of one pytest in a child."""
    events = root.parent / "events.jsonl"
    events.write_text("")
    pid = os.fork()
    if pid == 0:
        os.setsid()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        os.chdir(root)
        paths = [str(root), str(root.parent / "links")]
        sys.path[:0] = paths
        os.environ |= {"PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}
        # stale bytecode would hide a mutant; only that of the untouched copy is kept
        sys.dont_write_bytecode = targets != ["--collect-only"]
        options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", *(["-x"] if stop else [])]
        options += [f"--basetemp={root.parent / 'tmp'}"]
        import pytest

        signal.setitimer(signal.ITIMER_PROF, HANG)
        code = pytest.main([*options, *targets], plugins=[Watch(events, first, left_out, limit)])
        os._exit(int(code))
    status, used = wait(pid, events)
    with contextlib.suppress(ProcessLookupError):  # what the tests started and left
        os.killpg(pid, signal.SIGKILL)
    return read(events), os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime


def judge(root, mutant, before, earlier, left_out, limit):
    """One result: asks the tests that have not passed `before`, up to `limit` seconds in all."""
    place = applied(root, mutant)
    if place is None:
        return {"id": mutant["id"], "outcome": "gone"}
    path, source = place
    files = chosen(root, path)
    first = [earlier] if earlier and (root / earlier.split("::")[0]).exists() else []
    passed, used = list(before.get("passed", [])), before.get("cpu", 0)
    original, times = path.read_bytes(), path.stat()
    path.write_text(source)
    try:
        # the mirrored file alone: where it kills, the others are not even collected
        for targets in filter(None, ([*first, *files[:1]], files[1:])):
            spent = [*passed, *left_out]
            got, code, cost = ask(root, targets, first, spent, limit - used)
            if code == 4 and first:  # no test of that name any more
                targets, first = files[:1], []
                got, code, cost = ask(root, targets, first, spent, limit - used)
            used += cost
            passed += [event["finished"] for event in got if "finished" in event]
            if code not in (0, 5) or used > limit:
                break
    finally:
        path.write_bytes(original)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    result = {"id": mutant["id"], "cpu": round(used, 1)}
    failed = [event for event in got if "failed" in event]
    if failed:
        return result | {
            "outcome": "killed",
            "by": failed[0]["failed"],
            "message": failed[0].get("message", ""),
        }
    running = [event["started"] for event in got if "started" in event]
    if code in (-signal.SIGPROF, -signal.SIGALRM):
        return result | {"outcome": "timeout", "by": (running or ["collection"])[-1]}
    if code not in (0, 2, 5):  # conftest.py cannot be imported, or the process died
        by = running[-1] if running else "conftest.py"
        return result | {"outcome": "killed", "by": by, "message": f"exit code {code}"}
    whole = code != 2 and (targets == files[1:] or len(files) == 1)
    return result | {"outcome": "survived", "all": whole, "passed": passed}
