"""Sections become one HTML file that needs nothing else: no network, no other file."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from keras_vae.version import __version__

__all__ = ["Section", "page", "template"]

SCRIPTS = ("decoder.js", "explorer.js")


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes:
        title: plain text.
        bodies: HTML, one for each model, side by side.
    """

    title: str
    bodies: tuple[str, ...]


def page(
    title: str, head: str, sections: Sequence[Section], names: Sequence[str], data: Sequence[Any]
) -> str:
    """The whole page.

    Args:
        title: plain text.
        head: HTML below the title.
        sections: in their order.
        names: of the models, plain text; above each part where there are several.
        data: what each explorer is given, ready for JSON.
    """
    static = files("keras_vae.reports") / "static"
    source = (static / "page.html").read_text("utf-8")
    text = Template(source).substitute(
        title=escape(title),
        style=(static / "page.css").read_text("utf-8"),
        head=head,
        sections="\n".join(_section(section, names) for section in sections),
        foot=f"Made by keras_vae {escape(__version__)}. This file holds all that it shows.",
        data="\n".join(_data(number, each) for number, each in enumerate(data)),
        script="\n".join((static / name).read_text("utf-8") for name in SCRIPTS),
    )
    return text.replace("<body>", '<body class="two">') if len(names) > 1 else text


def template(name: str, **values: str) -> str:
    """A template of the folder `static/`; the values are HTML."""
    source = (files("keras_vae.reports") / "static" / name).read_text("utf-8")
    return Template(source).substitute(values)


def _section(section: Section, names: Sequence[str]) -> str:
    bodies = section.bodies
    if len(names) > 1:
        bodies = tuple(
            f"<h3>{escape(name)}</h3>{body}" for name, body in zip(names, bodies, strict=True)
        )
    inside = "\n".join(f"<div>{body}</div>" for body in bodies)
    return f'<section><h2>{escape(section.title)}</h2><div class="models">{inside}</div></section>'


def _data(number: int, data: Any) -> str:
    # "<" could end the script, or begin another
    text = json.dumps(data, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    return f'<script type="application/json" id="explorer-{number}">{text}</script>'
