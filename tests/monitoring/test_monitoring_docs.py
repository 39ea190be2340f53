"""What docs/monitoring.md says is so."""

import csv
import importlib.metadata
import importlib.util
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "monitoring.md").read_text()
BLOCKS = re.findall(r"^```python\n(.*?)^```", TEXT, flags=re.M | re.S)
TRACKERS = ("mlflow", "wandb")


def tracker(code):
    """The tracker of others that a block imports, or None."""
    return next((name for name in TRACKERS if f"import {name}" in code), None)


@pytest.mark.slow
def test_the_blocks_run_one_after_the_other(tmp_path, monkeypatch):
    pytest.importorskip("tensorboard")
    monkeypatch.chdir(tmp_path)
    names = {}
    for code in BLOCKS:
        if tracker(code) is None:  # the others are held against their examples
            exec(compile(code, "monitoring.md", "exec"), names)
    assert {path.name for path in (tmp_path / "log").iterdir()} == {
        "pictures",
        "train",
        "validation",
    }
    rows = list(csv.DictReader((tmp_path / "history.csv").read_text().splitlines()))
    assert len(rows) == 10
    assert {"rate_latent_2", "active_units", "gradient_norm", "learning_rate"} <= set(rows[0])


def test_the_blocks_of_trackers_are_what_their_examples_run():
    blocks = {tracker(code): code for code in BLOCKS if tracker(code)}
    assert set(blocks) == set(TRACKERS)
    for name, code in blocks.items():
        example = (DOCS.parent / "examples" / f"track_with_{name}.py").read_text()
        imports = [line for line in code.splitlines() if re.match("import|from", line)]
        assert all(f"\n{line}\n" in example for line in imports)
        assert set(re.findall(r"[\w.]*(?:Callback|Logger)\(\)", code)) <= set(
            re.findall(r"[\w.]*(?:Callback|Logger)\(\)", example)
        )


def test_the_versions_named_are_those_that_are_installed():
    for name, version in re.findall(r"\((MLflow|wandb) ([\d.]+)\)", TEXT):
        if importlib.util.find_spec(name.lower()) is not None:
            installed = importlib.metadata.version(name.lower())
            assert installed.startswith(f"{version}.")


def test_every_file_that_the_page_links_to_exists():
    links = re.findall(r"\]\(([^)#:]+)\)", TEXT)
    assert len(links) == 2
    assert all((DOCS / link).exists() for link in links)
