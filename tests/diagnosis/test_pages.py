"""Every finding has a page that fits it, and docs/diagnosis.md lists them all."""

import ast
import contextlib
import inspect
import re
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from keras_vae_cli.main import COMMANDS, kvae

from keras_vae import diagnosis
from keras_vae.diagnosis.plan import OPTIONS
from keras_vae.diagnosis.rules import STAGES

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "keras_vae" / "diagnosis" / "pages"
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
DOCUMENT = ROOT / "docs" / "diagnosis.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")

# Heading in the document -> rules; what `kvae fit --dry-run` finds besides has no stage.
GROUPS = {**STAGES, "before training": OPTIONS}
RULES = {rule.__name__: rule for rules in GROUPS.values() for rule in rules}
SECTIONS = ("How it looks", "Why it happens", "How to fix it", "Do not confuse it with")
PICTURED = {
    *("collapsed", "kl_overweighted", "kl_underweighted", "distortion_averaged"),
    *("sigma_too_large", "sigma_too_small", "noise_missing", "noise_scale_wrong", "prior_hole"),
    *("overfitting", "undertrained", "gray_data_under_bernoulli", "output_wider_than_data"),
    *("splits_scaled_differently", "latent_blow_up", "loss_jumps", "lagging_encoder"),
    *("warmup_unfinished", "more_latents_would_pay", "spare_latents"),
}
EVERY_PAGE = pytest.mark.parametrize("name", sorted(PAGES))


def parts(page):
    """(what stands above the sections, {heading: text})."""
    above, *rest = re.split(r"^## (.*)\n", page, flags=re.M)
    return above, dict(zip(rest[::2], rest[1::2], strict=True))


def in_a_sentence(name):
    """The sentence below the title of a page, on one line."""
    above, _ = parts(PAGES[name])
    return " ".join(above.split("\n", 1)[1].split())


def severities(rule):
    """What a rule's own calls of `finding` can give, as in "error or warning"."""
    found = set()
    for node in ast.walk(ast.parse(inspect.getsource(rule))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "finding":
            assert node.args[0].value == rule.__name__
            severity = node.args[1]
            if isinstance(severity, ast.Call):  # a function that chooses
                chooser = getattr(inspect.getmodule(rule), severity.func.id)
                severity = ast.parse(inspect.getsource(chooser))
            names = {part.id for part in ast.walk(severity) if isinstance(part, ast.Name)}
            found |= names & {"ERROR", "WARNING", "INFO"}
    return " or ".join(name.lower() for name in ("ERROR", "WARNING", "INFO") if name in found)


def tables():
    """The list of all findings, as the document must have it."""
    lines = []
    for group, rules in GROUPS.items():
        lines += ["", f"### {group.capitalize()}", "", "| finding | severity | what it is |"]
        lines += ["|---|---|---|"]
        for rule in rules:
            name = rule.__name__
            link = f"[`{name}`](../keras_vae/diagnosis/pages/{name}.md)"
            sentence = in_a_sentence(name).replace("|", r"\|")
            lines.append(f"| {link} | {severities(rule)} | {sentence} |")
    return "\n".join([*lines, ""])


def unknown_options(text):
    """Options named in `kvae COMMAND ...`, or alone, that no such command has."""
    options = {
        command: {option for p in kvae.get_command(None, command).params for option in p.opts}
        for command in COMMANDS
    }
    anywhere = set().union(*options.values())
    unknown = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text)) - anywhere
    for command, rest in re.findall(r"kvae ([a-z-]+)([^`\n;:]*)", text):
        named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", rest))
        unknown |= named - options.get(command, set())
    return unknown


def test_every_rule_has_a_page_and_every_page_a_rule():
    assert set(PAGES) == set(RULES)


@EVERY_PAGE
def test_a_page_has_its_name_a_sentence_and_the_sections_in_order(name):
    above, sections = parts(PAGES[name])
    assert above.startswith(f"# {name}\n\n")
    assert in_a_sentence(name).endswith(".")
    assert in_a_sentence(name).count(". ") == 0
    assert tuple(sections) == SECTIONS
    assert all(text.strip() for text in sections.values())


@EVERY_PAGE
def test_a_page_fits_a_terminal(name):
    lines = PAGES[name].splitlines()
    assert 15 <= len(lines) <= 40
    assert max(map(len, lines)) <= 100
    assert PAGES[name].isascii()


@EVERY_PAGE
def test_the_picture_of_a_page_is_its_own(name):
    pictures = re.findall(r"^!\[(.+)\]\((.*)\)$", PAGES[name], flags=re.M)
    assert PAGES[name].count("![") == len(pictures) == (name in PICTURED)
    expected = ROOT / "docs" / "pictures" / "findings" / f"{name}.png"
    assert all((FOLDER / path).resolve() == expected for _, path in pictures)


@EVERY_PAGE
def test_the_look_alikes_of_a_page_are_findings(name):
    _, sections = parts(PAGES[name])
    text = sections["Do not confuse it with"]
    named = set(re.findall(r"`([a-z_]+)`", text))
    assert named
    assert named <= set(RULES) - {name}
    assert text.startswith("- `")


@EVERY_PAGE
def test_the_code_of_a_page_shows_before_and_after_and_is_python(name):
    _, sections = parts(PAGES[name])
    (code,) = re.findall(r"^```python\n(.*?)^```", sections["How to fix it"], re.M | re.S)
    ast.parse(code)
    assert "# before" in code or name == "encoder_constant"


@EVERY_PAGE
def test_every_option_on_a_page_is_one(name):
    assert unknown_options(PAGES[name]) == set()


def test_an_option_of_another_command_is_unknown():
    text = "`kvae fit --gaps`, `kvae fit --beta 1`, --nothing, `kvae evaluate MODEL --gaps`"
    assert unknown_options(text) == {"--gaps", "--nothing"}


def test_the_document_lists_every_finding_with_its_severity():
    listed = re.search(r"<!-- findings -->\n(.*)<!-- /findings -->", TEXT, flags=re.S)[1]
    assert listed == tables()


def test_the_stages_are_explained_in_their_order():
    assert re.findall(r"^\d\. \*\*(\w+)\.\*\*", TEXT, re.M) == [s.capitalize() for s in STAGES]


def test_every_option_and_link_in_the_document_is_there():
    assert unknown_options(TEXT) == set()
    links = re.findall(r"\]\(([^)]+)\)", TEXT)
    assert len(links) == len(RULES) + 1  # and the words of the field
    assert all((DOCUMENT.parent / link).exists() for link in links)


def test_what_the_document_names_of_the_package_is_there():
    named = set(re.findall(r"keras_vae\.diagnosis\.(\w+)", TEXT))
    assert named == {"Gaussian", "Diagnose"}
    assert named <= set(diagnosis.__all__)


def test_the_arguments_in_the_document_are_those_of_a_subject():
    fields = set(diagnosis.Subject.__dataclass_fields__) | {"test_data"}
    rows = re.search(r"^\| argument .*?\n\n", TEXT, flags=re.M | re.S)[0]
    named = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", rows, re.M))))
    assert named == fields - {"encode", "decode", "likelihood", "train", "test"}


class Tensor(np.ndarray):
    """As much of a tensor of PyTorch as the example needs."""

    def numpy(self):
        return np.asarray(self)

    def exp(self):
        return np.exp(self)


def stand_in_for_torch(monkeypatch):
    functional = types.ModuleType("torch.nn.functional")
    functional.binary_cross_entropy_with_logits = lambda a, x: np.mean(np.logaddexp(0, a) - x * a)
    torch = types.ModuleType("torch")
    torch.Tensor = type("Tensor", (), {})  # which SciPy looks for
    torch.as_tensor = lambda values: values.view(Tensor)
    torch.no_grad = contextlib.nullcontext
    torch.nn = types.ModuleType("torch.nn")
    torch.nn.functional = functional
    for name, module in (
        ("torch", torch),
        ("torch.nn", torch.nn),
        ("torch.nn.functional", functional),
    ):
        monkeypatch.setitem(sys.modules, name, module)


def test_the_example_in_the_document_finds_the_mean_over_pixels(monkeypatch, capsys):
    stand_in_for_torch(monkeypatch)
    rng = np.random.default_rng(0)
    weights = 3 * rng.standard_normal((2, 16)).astype("float32")
    z = rng.standard_normal((600, 2)).astype("float32")
    x = (rng.random((600, 16)) < 1 / (1 + np.exp(-z @ weights))).astype("float32")
    back = np.linalg.lstsq(x - 0.5, z, rcond=None)[0].astype("float32")
    tensor = {"dtype": "float32"}
    vae = types.SimpleNamespace(
        encoder=lambda x: ((x - 0.5) @ back, np.full((len(x), 2), -2, **tensor).view(Tensor)),
        decoder=lambda z: z @ weights,
        reparameterize=lambda m, v: m + np.exp(v / 2) * rng.standard_normal(m.shape, **tensor),
        eval=lambda: None,
    )
    (code,) = re.findall(r"^```python\n(.*?)^```", TEXT, re.M | re.S)
    names = {"vae": vae, "x_train": x[:400], "x_test": x[400:]}
    exec(compile(code, "docs/diagnosis.md", "exec"), names)
    printed = capsys.readouterr().out.splitlines()
    assert "distortion_averaged" in printed
    assert names["diagnosis"]["distortion_averaged"].follows_from is None
    assert {"noise_missing", "rate_formula_wrong"}.isdisjoint(printed)


def test_the_pages_are_in_the_wheel(tmp_path):
    subprocess.run(
        [sys.executable, "setup.py", "-q", "build_py", "--build-lib", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    built = {path.stem for path in (tmp_path / "keras_vae" / "diagnosis" / "pages").glob("*.md")}
    assert built == set(PAGES)
    assert (tmp_path / "keras_vae" / "diagnosis" / "terms.md").exists()
