"""What the documents show is so: each block of code runs, and each link between files holds.

The blocks of a page run one after the other, as a reader would run them, but with smaller networks
and shorter. The cells of docs/tutorial.md are run by `make docs`.
"""

import inspect
import re
import runpy
import shlex
import shutil
from pathlib import Path
from types import SimpleNamespace

import click
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from keras_vae_cli.main import COMMANDS, kvae
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.utils import Bunch

import keras_vae
from keras_vae.data import write_tfrecords
from keras_vae.data.tables.toml import tomllib

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
OTHERS = ["CONTRIBUTING.md", "CHANGELOG.md", "benchmarks/README.md", "findings/README.md"]
OTHERS += ["saved_models/README.md", "keras_vae/diagnosis/terms.md"]
DOCUMENTS = [*PAGES, *(ROOT / name for name in OTHERS)]
DOCUMENTS += sorted((ROOT / "keras_vae" / "diagnosis" / "pages").glob("*.md"))

# Whose blocks another test runs, or the build of the site.
ELSEWHERE = {
    "serving": "export/test_serving_docs.py",
    "monitoring": "monitoring/test_monitoring_docs.py",
    "sklearn": "test_sklearn.py",
    "comparing": "studies/test_comparing.py",
    "tutorial": "make docs",
    "index": "make docs",
    "findings": "make docs",
}
# What stands beside commands of `kvae` and is not run here.
OTHER_TOOLS = ("pip install ", "export TF_CONFIG", '"task"', "#")
# Appended to `kvae fit`, where the last value of an option counts.
SMALLER = ["--epochs", "1", "--hidden", "8", "--batch-size", "32"]
DIGITS = 200  # of the 1,797
# Commands that take seconds of any model: command_line/ runs them, here their options are checked.
LONG = {"evaluate", "diagnose", "explain", "report", "sweep", "compare", "plot", "export"}
LONG |= {"check-export"}
BLOCK = re.compile(r"^( *)```([^\n]*)\n(.*?)^\1```", re.M | re.S)


def blocks(page):
    """(language, code) of each block of a page."""
    return [(language, code) for _, language, code in BLOCK.findall(page.read_text())]


def calls(code):
    """The commands of `kvae` in a block of the shell; another line is one of `OTHER_TOOLS`."""
    lines = code.replace("\\\n", " ").splitlines()
    of_kvae = [line for line in lines if line.startswith("kvae ")]
    others = [line.strip() for line in lines if line.strip() and line not in of_kvae]
    assert all(line.startswith(OTHER_TOOLS) for line in others), others
    return of_kvae


RUN = [page for page in PAGES if page.stem not in ELSEWHERE]
CALLS = {
    call: page
    for page in RUN
    for language, code in blocks(page)
    if language in ("", "sh")
    for call in calls(code)
}


@pytest.mark.parametrize("call", CALLS)
def test_the_command_lines_are_valid(call):
    _, name, *arguments = shlex.split(call)
    if "--explain" not in arguments:
        command = kvae.get_command(click.Context(kvae), name)
        assert command.make_context(name, arguments).params


def test_every_command_is_shown_in_the_readme():
    assert {call.split()[1] for call, page in CALLS.items() if page.stem == "README"} == set(
        COMMANDS
    )


def test_every_option_that_a_page_names_is_one():
    with click.Context(kvae) as context:
        commands = [kvae.get_command(context, name) for name in COMMANDS]
    options = {opt for command in commands for param in command.params for opt in param.opts}
    options |= {
        opt for command in commands for param in command.params for opt in param.secondary_opts
    }
    for page in RUN:
        named = set(re.findall(r"(?<![\w-])--[a-z]+(?:-[a-z]+)*(?![\w-])", page.read_text()))
        assert named <= options | {"--version", "--help"}, page.name


def test_every_block_is_of_a_language_that_a_test_knows():
    for page in RUN:
        assert {language for language, _ in blocks(page)} <= {"python", "sh", "", "text", "toml"}
        for language, code in blocks(page):
            if language == "toml":
                assert tomllib.loads(code)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, people):
    """Where a reader has the files that the pages speak of, and the models of the pages before."""
    folder = tmp_path_factory.mktemp("reader")
    rng = np.random.default_rng(0)
    for name in ("people.csv", "new.csv"):
        shutil.copy(people, folder / name)
    species = rng.choice(["Adelie", "Gentoo"], 60)
    mass = (4000 + 500 * (species == "Gentoo") + rng.normal(0, 200, 60)).round()
    penguins = {"species": species, "year": rng.choice([2007, 2008, 2009], 60), "mass": mass}
    pd.DataFrame(penguins).to_csv(folder / "penguins.csv", index=False)
    x = rng.integers(0, 256, (200, 6, 6)).astype("uint8")
    np.save(folder / "x.npy", x)
    for name in ("records", "images"):
        (folder / name).mkdir()
    write_tfrecords(folder / "records" / "x.tfrecord", x)
    for number, image in enumerate(x):
        Image.fromarray(image).save(folder / "images" / f"{number}.png")
    return folder


def run_call(call, trained):
    """Runs a command of `kvae`; a model that is as one in `trained` but for its name is a copy."""
    _, command, *arguments = shlex.split(call.replace("--data mnist", "--data digits"))
    if command == "fit":
        with_data = "--data" in arguments or "--resume" in arguments
        arguments += [] if with_data else ["--data", "digits"]
        arguments += SMALLER
        if {"--ema", "--preset"} & {*arguments}:  # averages of as few steps
            arguments += ["--ema", "0.5"]
    made = kvae.get_command(click.Context(kvae), command).make_context(command, [*arguments])
    name = f"saved_models/{made.params.get('name') or 'vae'}"
    same = {k: v for k, v in made.params.items() if k not in ("name", "resume")}
    if command == "fit" and str(same) in trained and not made.params["dry_run"]:
        if trained[str(same)] != name:
            shutil.copytree(trained[str(same)], name)
        return
    done = CliRunner().invoke(kvae, [command, *arguments])
    assert done.exit_code == 0, (call, done.output)
    if command == "fit":
        trained[str(same)] = name


def run_python(code, names):
    """Runs a block of Python: for an epoch, on images of 8 x 8, with networks as small."""
    code = code.replace('"mnist5k"', '"digits"').replace("28, 28", "8, 8")
    code = code.replace("7 * 7 * 64", "2 * 2 * 64").replace("(7, 7, 64)", "(2, 2, 64)")
    code = re.sub(r"epochs=\d+", "epochs=1, hidden=(8,)" if "kv.fit(" in code else "epochs=1", code)
    code = code.replace('preset("gated"), ', 'preset("gated"), ema=0.0, ')  # of as few steps
    exec(compile(code, "page", "exec"), names)


def once(function, *results, **smaller):
    """`function` where it is called first; then, or where `results` has one, its arguments are
    checked, no more."""
    results = list(results)

    def call(*arguments, **options):
        inspect.signature(function).bind(*arguments, **options)
        if not results:
            results.append(function(*arguments, **{**options, **smaller}))
        return results[0]

    return call


@pytest.fixture(scope="module")
def done(folder):
    """The calls that were made, the models that were trained, and what takes long."""
    long = {
        "evaluate": once(keras_vae.evaluate, samples=1),
        "diagnose": once(keras_vae.diagnose, SimpleNamespace(causes=[])),  # diagnosis/ runs it
        "draw": once(keras_vae.draw, only=["latent_map", "history"]),
    }
    given = {path.name for path in folder.iterdir()} | {"cells.h5ad"}
    return SimpleNamespace(calls=set(), trained={}, long=long, given=given)


@pytest.mark.slow
@pytest.mark.usefixtures("bare_fit", "eager")
@pytest.mark.parametrize("page", [page for page in RUN if blocks(page)], ids=lambda p: p.stem)
def test_the_blocks_of_a_page_run_one_after_the_other(page, folder, done, request, monkeypatch):
    monkeypatch.chdir(folder)
    digits = load_digits()
    few = Bunch(images=digits.images[:DIGITS], target=digits.target[:DIGITS])
    monkeypatch.setattr("sklearn.datasets.load_digits", lambda: few)
    for name, function in done.long.items():
        monkeypatch.setattr(keras_vae, name, function)
    if "cells.h5ad" in page.read_text() and not Path("cells.h5ad").exists():
        shutil.copy(request.getfixturevalue("counts_h5ad").path, "cells.h5ad")
    for path in folder.iterdir():  # what the pages before have written is not there for a reader
        if path.is_file() and path.name not in done.given:
            path.unlink()
    names = {"x": np.load("x.npy")}
    for language, code in blocks(page):
        if language == "python" and "import torch" not in code:  # that: diagnosis/test_pages.py
            run_python(code, names)
        elif language in ("", "sh") and "multi-worker" not in code:
            for call in calls(code):
                if call not in done.calls and call.split()[1] not in LONG:
                    run_call(call, done.trained)
                done.calls.add(call)
    CHECKS.get(page.stem, lambda names: None)(names)


def check_conditions(names):
    assert names["sevens"].shape == (5, 64)
    assert (names["log_p"] > -60 * np.log(2) * 2).all()
    assert (names["error"] < 1).all()


CHECKS = {
    "conditions": check_conditions,
    "training": lambda names: np.testing.assert_equal(int(names["vae"].optimizer.iterations), 1),
}


def anchors(document):
    """The names under which a code host, and the site, link to the headings of a document."""
    text = BLOCK.sub("", document.read_text())
    headings = re.findall(r"^#+ (.*)", text, re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_and_heading_that_a_document_links_to_is_there(document):
    text = re.sub(r"`[^`\n]*`", "", BLOCK.sub("", document.read_text()))
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    for link in links:
        if re.match(r"https?:", link):
            continue
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_a_link_of_the_built_site_that_leads_nowhere_is_found(tmp_path):
    (tmp_path / "a.html").write_text(
        '<p id="here"><a href="b.html#there">b</a> <a href="#here">.</a>'
    )
    (tmp_path / "b.html").write_text(
        '<h1 id="there"><a href="a.html#gone">a</a> <img src="c.png"> <a href="https://d.e/f">d</a>'
    )
    broken_links = runpy.run_path(str(ROOT / "docs" / "check_links.py"))["broken_links"]
    assert [(str(page), link) for page, link in broken_links(tmp_path)] == [
        ("b.html", "a.html#gone"),
        ("b.html", "c.png"),
    ]
