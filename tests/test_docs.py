"""What the documents show is so: each block of code runs, and each link between files holds.

Blocks of a page run one after the other, in one folder, as a reader would run them: shorter, on fewer
data, and with smaller networks, as `SMALLER` says. The cells of docs/tutorial.md are run by `make docs`.
"""

import re
import shlex
import shutil
import tomllib
from pathlib import Path

import click
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from keras_vae_cli.main import COMMANDS, kvae
from PIL import Image

from keras_vae.data import write_tfrecords

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
    "tutorial": "make docs",
    "index": "make docs",
    "findings": "make docs",
}
# What stands beside commands of `kvae` and is not run here.
OTHER_TOOLS = ("pip install ", "export TF_CONFIG", '"task"', "#")
# Appended to a command: its last value of an option counts.
SMALLER = {
    "fit": "--epochs 1 --hidden 8 --batch-size 32",
    "evaluate": "--examples 5 --k 1,2 --samples 1",
    "diagnose": "--cheap --examples 50",
    "plot": "--only latent_map",
    "export": "--batch-sizes 1 --k 2",
}
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
    assert {call.split()[1] for call, page in CALLS.items() if page.stem == "README"} == set(COMMANDS)


def test_every_block_is_of_a_language_that_a_test_knows():
    for page in RUN:
        assert {language for language, _ in blocks(page)} <= {"python", "sh", "", "text", "toml"}
        for language, code in blocks(page):
            if language == "toml":
                assert tomllib.loads(code)


@pytest.fixture
def folder(tmp_path, monkeypatch, people):
    """Where a reader has the files that the pages speak of."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    for name in ("people.csv", "new.csv"):
        shutil.copy(people, name)
    species = rng.choice(["Adelie", "Gentoo"], 60)
    mass = (4000 + 500 * (species == "Gentoo") + rng.normal(0, 200, 60)).round()
    years = rng.choice([2007, 2008, 2009], 60)
    penguins = pd.DataFrame({"species": species, "year": years, "mass": mass})
    penguins.assign(bill=rng.normal(40, 5, 60).round(1)).to_csv("penguins.csv", index=False)
    x = rng.integers(0, 256, (200, 6, 6)).astype("uint8")
    np.save("x.npy", x)
    Path("records").mkdir()
    write_tfrecords("records/x.tfrecord", x)
    Path("images").mkdir()
    for number, image in enumerate(x):
        Image.fromarray(image).save(f"images/{number}.png")
    return tmp_path


def run_call(call):
    """Runs a command of `kvae`, smaller."""
    _, name, *arguments = shlex.split(call.replace("--data mnist", "--data digits"))
    if name == "fit" and not {"--data", "--resume"} & set(arguments):
        arguments += ["--data", "digits"]
    if "--explain" not in arguments:
        arguments += shlex.split(SMALLER.get(name, ""))
    done = CliRunner().invoke(kvae, [name, *arguments])
    # 3 and 4 are what a diagnosis of so short a training finds
    assert done.exit_code in ((0, 3, 4) if name == "diagnose" else (0,)), (call, done.output)


def run_python(code, names):
    """Runs a block of Python, smaller."""
    code = code.replace('"mnist5k"', '"digits"').replace("7 * 7 * 64", "2 * 2 * 64")
    code = code.replace("(7, 7, 64)", "(2, 2, 64)").replace("28, 28", "8, 8")
    code = re.sub(r"epochs=\d+", "epochs=1", code)
    code = code.replace("kv.diagnose(vae, data)", "kv.diagnose(vae, data, examples=50, cheap=True)")
    exec(compile(code, "page", "exec"), names)


@pytest.mark.slow
@pytest.mark.usefixtures("bare_fit", "eager")
@pytest.mark.parametrize(
    "page", [page for page in RUN if blocks(page)], ids=lambda page: page.stem
)
def test_the_blocks_of_a_page_run_one_after_the_other(page, folder, request):
    if "cells.h5ad" in page.read_text():
        shutil.copy(request.getfixturevalue("counts_h5ad").path, "cells.h5ad")
    names = {"x": np.load("x.npy")}
    for language, code in blocks(page):
        if language == "python" and "import torch" not in code:  # that: diagnosis/test_pages.py
            run_python(code, names)
        elif language in ("", "sh") and "multi-worker" not in code:
            for call in calls(code):
                run_call(call)
    check = CHECKS.get(page.stem)
    if check is not None:
        check(names)


def check_python(names):
    assert list(Path().glob("*.keras"))
    assert {path.stem for path in Path("plots").glob("*.png")} >= {"latent_map", "history"}


def check_conditions(names):
    assert names["sevens"].shape == (5, 64)
    assert (names["log_p"] > -60 * np.log(2) * 2).all()
    assert (names["error"] < 1).all()


CHECKS = {
    "python": check_python,
    "from_keras_example": check_python,
    "conditions": check_conditions,
    "training": lambda names: np.testing.assert_equal(int(names["vae"].optimizer.iterations), 31),
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
