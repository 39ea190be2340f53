"""kvae diagnose --explain, as a user runs it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from keras_vae_cli.main import kvae

from keras_vae.diagnosis.plan import OPTIONS
from keras_vae.diagnosis.rules import STAGES

FOLDER = Path(__file__).parents[2] / "keras_vae" / "diagnosis"
TERMS = (FOLDER / "terms.md").read_text(encoding="utf-8")
HEADINGS = re.findall(r"^## (.*)", TERMS, re.M)
FINDINGS = {rule.__name__ for rules in (*STAGES.values(), OPTIONS) for rule in rules}


@pytest.fixture
def stub(tmp_path):
    """A package in the place of keras_vae that cannot be imported, with two pages and a term."""
    pages = tmp_path / "stub" / "keras_vae" / "diagnosis" / "pages"
    pages.mkdir(parents=True)
    (pages.parents[1] / "__init__.py").write_text("raise ImportError('loaded')")
    (pages / "collapsed.md").write_text("# collapsed\n\nNo rate: 0 ± 1.\n", encoding="utf-8")
    (pages / "prior_hole.md").write_text("# prior_hole\n\nBlurry samples.\n\n![Two](../a/b.png)\n")
    (pages.parent / "terms.md").write_text("# Words\n\n## rate, KL\nNats.\n\n## beta\nWeight.\n")
    return tmp_path / "stub"


def explain(stub, name):
    program = (
        "import sys\n"
        "from keras_vae_cli.main import kvae\n"
        f"sys.path.insert(0, {str(stub)!r})\n"
        "try:\n"
        f"    kvae(['diagnose', '--explain', {name!r}])\n"
        "finally:\n"
        "    heavy = {'tensorflow', 'keras', 'keras_vae', 'numpy'} & set(sys.modules)\n"
        "    print(*heavy, file=sys.stderr)\n"
    )
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)


def explained(name):
    """What the package itself says."""
    result = CliRunner().invoke(kvae, ["diagnose", "--explain", name])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("collapsed", "# collapsed\n\nNo rate: 0 ± 1.\n"),
        ("Prior hole", "# prior_hole\n\nBlurry samples.\n\n(Picture in the documentation: Two.)\n"),
        ("kl", "# rate, KL\nNats.\n"),
        ("rates", "# rate, KL\nNats.\n"),
        ("beta", "# beta\nWeight.\n"),
    ],
)
def test_a_finding_and_a_term_are_explained_without_loading_anything(stub, name, printed):
    done = explain(stub, name)
    assert (done.returncode, done.stderr.strip()) == (0, "")
    assert done.stdout == printed


@pytest.mark.parametrize(
    ("name", "directions"),
    [
        ("colapsed", "closest: collapsed"),
        ("../collapsed", "closest: collapsed"),
        ("x", "closest: "),
        ("blur", "these findings mention it: prior_hole"),
        ("samples", "these findings mention it: prior_hole"),
    ],
)
def test_what_is_not_known_is_one_line_that_leads_somewhere(stub, name, directions):
    done = explain(stub, name)
    assert done.returncode == 2
    assert done.stderr.strip().count("\n") == 0
    assert f"no finding or term is called {name!r}; {directions}" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("name", sorted(FINDINGS))
def test_no_page_sends_the_reader_to_a_file_that_is_not_installed(name):
    said = explained(name)
    assert said.startswith(f"# {name}\n")
    assert not re.findall(r"!\[|\.png|\.\./", said)


@pytest.mark.parametrize(
    "word",
    ["posterior", "rate", "elbo", "beta", "kl", "KL divergence", "active units", "distortion",
     "baseline", "gain", "bits per dimension", "evidence", "posterior collapse", "free-nats",
     "warmup", "IWAE", "sigma"],
)  # fmt: skip
def test_the_words_of_the_reports_and_of_the_field_lead_to_findings(word):
    named = set(re.findall(r"`([a-z_]+)`", explained(word).partition("Findings:")[2]))
    assert named
    assert named <= FINDINGS


def test_every_term_has_one_meaning_and_names_findings_that_exist():
    names = [name for heading in HEADINGS for name in heading.split(", ")]
    assert len({name.lower() for name in names}) == len(names)
    assert not {name.lower().replace(" ", "_") for name in names} & FINDINGS
    sections = re.split(r"^## .*\n", TERMS, flags=re.M)[1:]
    for section in sections:
        assert set(re.findall(r"`([a-z]+_[a-z_]+)`", section)) <= FINDINGS | {"z_log_var"}
        assert "\nFindings: `" in section
    assert TERMS.isascii()
    assert max(map(len, TERMS.splitlines())) <= 100
