"""What the README says is so."""

import re
import shlex
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner
from keras_vae_cli.main import COMMANDS, kvae

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", README, flags=re.M | re.S)
# What speaks to a server is run by tests/export/test_serving_docs.py.
SERVING = re.findall(
    r"^```(?:\w+)\n(.*?)^```",
    README.partition("\n## Serving\n")[2].partition("\n## ")[0],
    re.M | re.S,
)
PYTHON = [code for language, code in BLOCKS if language == "python" and code not in SERVING]
CALLS = [line for _, code in BLOCKS for line in code.splitlines() if line.startswith("kvae ")]


@pytest.mark.slow
@pytest.mark.parametrize("code", PYTHON, ids=["ten lines", "one call"])
def test_the_python_code_runs(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, changed = re.subn(r"epochs=20", "epochs=1", code)
    assert changed == 1  # shorter here, the same otherwise
    names = {}
    exec(compile(code, "README.md", "exec"), names)
    pictures = {path.stem for path in tmp_path.rglob("*.png")}
    assert pictures >= {"latent_map", "manifold", "history"}
    assert list(tmp_path.rglob("*.keras"))


@pytest.mark.parametrize("call", CALLS)
def test_the_command_lines_are_valid(call):
    _, name, *arguments = shlex.split(call)
    command = kvae.get_command(click.Context(kvae), name)
    assert command.make_context(name, arguments).params


def test_what_is_said_of_serving_stands_in_its_own_document_where_it_is_run():
    document = (ROOT / "docs" / "serving.md").read_text()
    assert len(SERVING) == 4
    assert all(code in document for code in SERVING)


def test_every_command_is_shown():
    assert {call.split()[1] for call in CALLS} == set(COMMANDS)


def test_the_help_is_what_the_commands_print():
    shown = re.search(r"<!-- help -->\n```\n(.*?)```\n<!-- /help -->", README, flags=re.S).group(1)
    printed = []
    for arguments in (["--help"], ["fit", "--help"]):
        result = CliRunner().invoke(kvae, arguments, prog_name="kvae", terminal_width=100)
        printed += [f"$ kvae {' '.join(arguments)}\n", result.stdout, "\n"]
    assert shown == "".join(printed).rstrip() + "\n"


DOCUMENTS = ["README.md", "CONTRIBUTING.md", "saved_models/README.md", "benchmarks/README.md"]
DOCUMENTS += ["findings/README.md"]
DOCUMENTS += [
    f"docs/{name}.md"
    for name in ("serving", "training", "streaming", "monitoring", "tables", "sklearn", "explain")
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_a_document_links_to_exists(document):
    text = (ROOT / document).read_text()
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    assert all((ROOT / document).parent.joinpath(link).exists() for link in links)


def test_what_is_said_of_training_runs():
    """Each option in docs/training.md is one, and its Python code trains."""
    text = (ROOT / "docs" / "training.md").read_text()
    options = {opt for option in kvae.get_command(None, "fit").params for opt in option.opts}
    assert set(re.findall(r"--[a-z][a-z-]+", text)) <= options
    fast, conditional = re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)
    names = {}
    exec(compile(fast, "docs/training.md", "exec"), names)
    assert int(names["vae"].optimizer.iterations) == 2 * 31
    exec(compile(conditional, "docs/training.md", "exec"), names)
    assert names["sevens"].shape == (5, 64)
    assert (names["log_p"] > -60 * np.log(2) * 2).all()
    assert (names["error"] < 1).all()
