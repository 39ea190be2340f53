"""How `kvae explain` prints an answer: 80 columns, in a terminal and in a pipe."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from keras_vae.explanations import Answer

WIDTH = 79
INDENT = "    "


def echo_answer(answer: Answer, picture: Path | None = None) -> None:
    """The question, the answer, and where its picture is."""
    from keras_vae.explanations import Lines

    click.secho(f"{answer.name}: {answer.question}", bold=True)
    for paragraph in answer.paragraphs:
        if isinstance(paragraph, Lines):
            click.echo(textwrap.indent(paragraph, INDENT))
        else:
            click.echo(textwrap.fill(paragraph, WIDTH))
    if picture is not None:
        click.echo(f"Picture: {picture}")
    click.echo()


def echo_protocol(answers: Sequence[Answer]) -> None:
    """What the numbers depend on, once: the longest has what the others have."""
    protocol = max((str(answer.numbers["protocol"]) for answer in answers), key=len)
    click.echo(textwrap.fill(f"Protocol: {protocol}", WIDTH))
