"""How a diagnosis looks on the terminal. Imported inside commands only: it needs rich."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from rich.table import Table

from keras_vae.figure_tables import diagnosis_table, with_error
from keras_vae.figure_tables.diagnosis import THRESHOLD

from .terminal import echo_table, next_step, print_table

__all__ = ["echo_diagnosis", "echo_findings", "echo_plan", "exit_code"]

if TYPE_CHECKING:
    from pathlib import Path

    from keras_vae.diagnosis import Diagnosis

WARNINGS_ONLY, ERRORS = 3, 4


def exit_code(diagnosis: Diagnosis, strict: bool = False) -> int:
    """0: healthy, or warnings that were not asked for; 3: warnings; 4: errors."""
    codes = {"error": ERRORS, "warning": WARNINGS_ONLY if strict else 0}
    return codes.get(diagnosis.verdict, 0)


def echo_diagnosis(diagnosis: Diagnosis, model: Path, is_run: bool) -> None:
    """Verdict, figures, findings, and what to do next."""
    _echo_verdict(diagnosis, model)
    if "elbo" in diagnosis.figures:
        echo_table(diagnosis_table(diagnosis.figures))
    echo_findings(diagnosis)
    if diagnosis.causes:
        next_step("diagnose", "--explain", diagnosis.causes[0].name)
    elif is_run:
        next_step("evaluate", model)


def echo_plan(diagnosis: Diagnosis) -> None:
    """What `kvae fit --dry-run` found, before anything is trained."""
    _echo_verdict(diagnosis, "this run, before training")
    figures = diagnosis.figures
    table = Table(title="What the data and the options decide")
    for column in ("figure", "value", "meaning"):
        table.add_column(column, justify="right" if column == "value" else "left")
    if figures["collapse_threshold"] is not None:
        threshold = with_error(figures, "collapse_threshold")
        table.add_row("beta*", threshold, THRESHOLD)
    table.add_row("beta", f"{figures['beta']:g}", "yours; 1 is the ELBO")
    table.add_row(
        "baseline", f"{figures['baseline']:.2f}", "log p(x) without z: test split, nats per example"
    )
    table.add_row("steps", f"{figures['steps']:,}", "of training, in total")
    table.add_row("parameters", f"{figures['weights']:,}", f"with {figures['latent']} latents")
    print_table(table)
    echo_findings(diagnosis)
    if diagnosis.causes:
        next_step("diagnose", "--explain", diagnosis.causes[0].name)
    else:
        click.echo("Next: the same command without --dry-run")


def _echo_verdict(diagnosis: Diagnosis, model: object) -> None:
    counts = []
    for severity in ("error", "warning"):
        count = sum(finding.severity == severity for finding in diagnosis.findings)
        if count:
            counts.append(f"{count} {severity}{'s' if count > 1 else ''}")
    causes = ", ".join(finding.name for finding in diagnosis.causes)
    verdict = f"{' and '.join(counts)}, from {causes}" if counts else "healthy"
    click.echo(f"{model}: {verdict}")


def echo_findings(diagnosis: Diagnosis) -> None:
    """Causes in full, what follows from them in a line, then what is undetermined or by the way."""
    if diagnosis.causes:
        table = Table(title="Findings, the most likely cause first", show_header=False)
        table.add_column(no_wrap=True)
        table.add_column()
        for finding in diagnosis.causes:
            table.add_row(finding.severity, finding.name)
            for part in finding.evidence:
                table.add_row("evidence", str(part))
            table.add_row("cause", finding.cause)
            table.add_row("remedy", finding.remedy)
            table.add_section()
        print_table(table)
    for finding in diagnosis.findings:
        if finding in diagnosis.causes:
            continue
        name = f"{finding.severity.capitalize()}: {finding.name}"
        if finding.follows_from is not None:
            click.echo(f"{name}: follows from {finding.follows_from}")
        elif finding.severity == "undetermined":
            part = next(part for part in finding.evidence if part.is_beyond is None)
            value = f"{part.value:.3g} ± {part.standard_error:.2g}"
            click.echo(f"{name}: {value}, threshold {part.threshold:.3g}; {finding.remedy}")
        else:
            click.echo(f"{name}: {finding.cause} {finding.remedy}")
    left_out = diagnosis.does_not_apply
    for reason in dict.fromkeys(left_out.values()):
        names = [name for name, why in left_out.items() if why == reason]
        checks = f"{len(names)} check{'s' if len(names) > 1 else ''}"
        click.echo(f"{checks} left out ({', '.join(names)}): {reason}")
    click.echo(f"{len(diagnosis.checked)} checks: {diagnosis.protocol}")
