"""kvae diagnose --explain: the page of a finding, or what a word of the field means.

Read from the package's folder without importing the package, which would load TensorFlow.
"""

import difflib
import importlib.util
import re
from collections.abc import Mapping
from pathlib import Path

import click

MOST_PAGES = 5  # named for a word that has no page of its own


def explain(ctx: click.Context, param: click.Parameter, name: str | None) -> None:
    """Prints the page of a finding, or of a term, and ends the command."""
    if name is None or ctx.resilient_parsing:
        return
    package = importlib.util.find_spec("keras_vae")
    # it is there: this command line comes with it
    assert package is not None
    assert package.origin is not None
    folder = Path(package.origin).parent / "diagnosis"
    pages = {path.stem: _in_words(_read(path)) for path in sorted(folder.glob("pages/*.md"))}
    terms = _terms(_read(folder / "terms.md"))
    by_name = {_plain(key): text for key, text in {**terms, **pages}.items()}
    if _plain(name) not in by_name:
        raise click.BadParameter(
            f"no finding or term is called {name!r}; {_directions(name, pages, terms)}"
        )
    click.echo(by_name[_plain(name)].rstrip())
    ctx.exit()


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _terms(text: str) -> dict[str, str]:
    """Each name in a heading, such as `## rate, KL`, -> the section below it."""
    _, *parts = re.split(r"^## (.*)\n", text, flags=re.M)
    sections = zip(parts[::2], parts[1::2], strict=True)
    return {
        name: f"# {heading}\n{section}"
        for heading, section in sections
        for name in heading.split(", ")
    }


def _in_words(page: str) -> str:
    """A page for the terminal, where no picture can be seen: its caption in place of its path."""
    return re.sub(r"^!\[(.*)\]\(.*\)$", r"(Picture in the documentation: \1.)", page, flags=re.M)


def _plain(name: str) -> str:
    """'Active-unit' and 'active_units' are the same name."""
    return " ".join(re.split(r"[\s_-]+", name.strip().lower())).removesuffix("s")


def _directions(name: str, pages: Mapping[str, str], terms: Mapping[str, str]) -> str:
    """Where a word that has no page may lead: the pages that speak of it, else similar names."""
    word = re.compile(rf"\b{re.escape(name.strip())}", re.IGNORECASE)
    counts = {page: len(word.findall(text)) for page, text in pages.items()}
    speaking = [page for page in sorted(pages, key=lambda page: -counts[page]) if counts[page]]
    if speaking and len(name.strip()) > 2:
        return f"these findings mention it: {', '.join(speaking[:MOST_PAGES])}"
    return f"closest: {', '.join(difflib.get_close_matches(name, [*pages, *terms], cutoff=0))}"
