"""The parts of a page in words: what each says of one model, as HTML."""

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any

from matplotlib.figure import Figure

from keras_vae.diagnosis import Diagnosis, Finding
from keras_vae.errors import KerasVAEError
from keras_vae.explanations import Answer, Lines
from keras_vae.figure_tables import (
    FigureTable,
    diagnosis_table,
    evaluation_table,
    evidence_tables,
    html_table,
    in_use,
    run_table,
    what_is_used,
    with_error,
)
from keras_vae.figure_tables.evidence import PARTS
from keras_vae.plots.svg import page_svg

__all__ = [
    "answers_html",
    "diagnosis_html",
    "evidence_html",
    "overview_html",
    "pictures_html",
    "run_html",
    "said",
]

WIDE = 8.5  # inches of a picture


def said(part: Callable[[], str]) -> str:
    """A part of the page, or why it is not there."""
    try:
        return part()
    except KerasVAEError as reason:
        return f'<p class="faint">Left out: {escape(str(reason))}</p>'


def overview_html(metrics: Mapping[str, Any], diagnosis: Diagnosis) -> str:
    """The main figures, large, with the verdict."""
    counts = {
        severity: sum(found.severity == severity for found in diagnosis.findings)
        for severity in ("error", "warning")
    }
    found = ", ".join(
        f"{count} {severity}{'s' if count > 1 else ''}"
        for severity, count in counts.items()
        if count
    )
    tiles = [
        ("verdict", found or "healthy", f"of {len(diagnosis.checked)} checks", diagnosis.verdict),
        ("ELBO", with_error(metrics, "elbo"), "nats an example", ""),
        (
            f"gain from {what_is_used(metrics.get('is_conditional', False))}",
            with_error(metrics, "gain"),
            "nats over the baseline",
            "",
        ),
        ("rate", f"{metrics['rate']:.2f}", "nats from x to z", ""),
        (
            "active latents",
            f"{metrics['active_units']} of {metrics['latent']}",
            in_use(metrics).removeprefix("latents in use"),
            "",
        ),
    ]
    if metrics["bits_per_dim"] is not None:
        tiles.append(("bits per dimension", f"{metrics['bits_per_dim']:.3f}", "", ""))
    items = "".join(
        f'<li><span class="faint">{escape(name)}</span>'
        f'<b class="{mark}">{escape(value)}</b><span class="faint">{escape(unit)}</span></li>'
        for name, value, unit, mark in tiles
    )
    return f'<ul class="tiles">{items}</ul>'


def evidence_html(
    metrics: Mapping[str, Any], figures: Mapping[str, Any], model: object, pictures: str
) -> str:
    """Bayes' theorem with each number below its term, then the same as tables.

    Args:
        metrics: as `Evaluation.to_dict` gives them.
        figures: as `EvidenceReport.to_dict` gives them.
        model: its folder.
        pictures: HTML of the pictures of the evidence.
    """
    identity = figures["identity"]
    at_least = "" if identity["is_exact"] else "at least "
    whole = _equation(
        ("log p(x)", at_least + with_error(identity, "log_evidence"), "log evidence"),
        ("=", "ELBO", with_error(identity, "elbo"), "evidence lower bound"),
        (
            "+",
            "KL(q(z|x) || p(z|x))",
            at_least + with_error(identity, "posterior_kl"),
            "from q to the true posterior",
        ),
    )
    bound = _equation(
        ("ELBO", with_error(metrics, "elbo"), "evidence lower bound"),
        ("=", "E_q[log p(x|z)]", f"{-metrics['distortion']:.2f}", "minus the distortion"),
        ("-", "KL(q(z|x) || p(z))", f"{metrics['rate']:.2f}", "rate"),
    )
    tables = [evaluation_table(metrics), *evidence_tables(figures, model)]
    reasons = "".join(
        f"<p>{escape(PARTS[part])}: {escape(reason)}</p>"
        for part, reason in figures.get("does_not_apply", {}).items()
    )
    return (
        f"<p>Means over {identity['examples']} examples of the {escape(metrics['split'])} split, "
        f"in nats; log p(x) is {escape(identity['method'])}.</p>{whole}"
        f"<p>Means over all {metrics['examples']:,} examples of it.</p>{bound}"
        f"{pictures}{_folded('All figures', ''.join(map(_scrolled, tables)))}{reasons}"
        f'<p class="protocol">Protocol: {escape(figures["protocol"])}</p>'
    )


def _equation(*terms: tuple[str, ...]) -> str:
    """Terms with what they are: (term, number, words), each but the first after its sign."""
    parts = []
    for term in terms:
        *sign, name, number, words = term
        parts += [f'<span class="sign">{escape(each)}</span>' for each in sign]
        parts.append(
            f'<span class="term"><i>{escape(name)}</i><b>{escape(number)}</b>'
            f'<span class="faint">{escape(words)}</span></span>'
        )
    return f'<p class="equation">{" ".join(parts)}</p>'


def diagnosis_html(diagnosis: Diagnosis) -> str:
    """The findings, the most likely cause first, each with what to do."""
    causes = "".join(map(_card, diagnosis.causes))
    others = [found for found in diagnosis.findings if found not in diagnosis.causes]
    items = "".join(f"<li>{_line(found)}</li>" for found in others)
    if items:
        items = _folded(f"{len(others)} more: consequences, and what is open", f"<ul>{items}</ul>")
    healthy = "" if causes else "<p>Nothing was found to be wrong with this model.</p>"
    figures = ""
    if "elbo" in diagnosis.figures:
        figures = _folded("Measurements", _scrolled(diagnosis_table(diagnosis.figures)))
    left_out = diagnosis.does_not_apply
    reasons = "".join(
        f"<li>{escape(', '.join(name for name, why in left_out.items() if why == reason))}: "
        f"{escape(reason)}</li>"
        for reason in dict.fromkeys(left_out.values())
    )
    if reasons:
        reasons = _folded(f"{len(left_out)} checks left out", f"<ul>{reasons}</ul>")
    return (
        f"{healthy}{causes}{items}{figures}{reasons}"
        f'<p class="protocol">{len(diagnosis.checked)} checks: {escape(diagnosis.protocol)}</p>'
    )


def _card(found: Finding) -> str:
    evidence = "".join(f"<li>{escape(str(part))}</li>" for part in found.evidence)
    return (
        f'<article class="finding {found.severity}"><h3><span class="badge">{found.severity}</span>'
        f" {escape(found.name)}</h3><p>{escape(found.cause)}</p>"
        f"<p><b>What to do:</b> {escape(found.remedy)}</p>"
        f'<ul class="faint">{evidence}</ul>'
        f'<p class="faint">A healthy model: {escape(found.healthy)} '
        f"<code>kvae diagnose --explain {escape(found.name)}</code> says more.</p></article>"
    )


def _line(found: Finding) -> str:
    words = found.cause
    if found.follows_from is not None:
        words = f"follows from {found.follows_from}"
    return f"<b>{escape(found.name)}</b> ({found.severity}): {escape(words)}"


def pictures_html(
    figures: Iterable[tuple[str, str, Figure]], number: int, is_paper: bool = False
) -> str:
    """Pictures in the colours of the page.

    Args:
        figures: of each its name, what it shows in words, and the figure.
        number: of the model on the page, from 0.
        is_paper: as for `page_svg`.
    """
    paper = " paper" if is_paper else ""
    shown = [
        f'<div class="scroll picture{_half(figure)}{paper}" tabindex="0" role="img" '
        f'aria-label="{escape(words)}">'
        f"{page_svg(figure, f'{name}-{number}', is_paper)}</div>"
        for name, words, figure in figures
    ]
    return f'<div class="pictures">{"".join(shown)}</div>' if shown else ""


def _half(figure: Figure) -> str:
    """Two that are not wide stand beside each other."""
    return " half" if figure.get_figwidth() < WIDE else ""


def run_html(path: object, record: Mapping[str, Any]) -> str:
    """Data, protocol, options and versions."""
    return _scrolled(run_table(path, record))


def answers_html(answers: Iterable[Answer], number: int) -> str:
    """Answers one below the other: of each the question, the text and the picture."""
    parts = []
    for answer in answers:
        text = "".join(map(_paragraph, answer.paragraphs))
        picture = pictures_html([(f"answer-{answer.name}", answer.question, answer.figure)], number)
        protocol = f'<p class="protocol">{escape(str(answer.numbers["protocol"]))}</p>'
        parts.append(f"<h3>{escape(answer.question)}</h3>{text}{picture}{protocol}")
    return "".join(parts)


def _paragraph(text: str) -> str:
    kept = isinstance(text, Lines)
    return f"<pre>{escape(text)}</pre>" if kept else f"<p>{escape(text)}</p>"


def _scrolled(table: FigureTable) -> str:
    title = escape(table.title)
    inside = html_table(table)
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{title}">{inside}</div>'


def _folded(summary: str, body: str) -> str:
    return f"<details><summary>{escape(summary)}</summary>{body}</details>"
