"""The example with a PyTorch model; skipped without PyTorch."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch")

EXAMPLE = Path(__file__).parents[2] / "examples" / "diagnose_torch_vae.py"


def first_line_and_findings(*options):
    done = subprocess.run(
        [sys.executable, str(EXAMPLE), *options], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    severities = ("error: ", "warning: ", "info: ", "undetermined: ")
    return lines[0], [line for line in lines[1:] if line.startswith(severities)]


def test_a_torch_vae_is_diagnosed_and_its_defect_is_the_first_thing_said():
    healthy, findings = first_line_and_findings("30")
    assert not any(line.startswith("error") for line in findings)
    broken, findings = first_line_and_findings("30", "--defect")
    assert findings[0] == "error: rate_averaged"
    # "...: test ELBO -23.28 nats"
    good, bad = (float(line.split()[-2]) for line in (healthy, broken))
    assert bad < good < -10
