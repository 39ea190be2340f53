"""What `kvae evaluate` prints of log p(x). Imported inside commands only: it needs rich."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from .terminal import print_table, with_error

PARTS = {
    "surgery": "The rate taken apart",
    "annealed": "Annealed importance sampling",
    "gaps": "The gap taken apart",
}
FEW_LATENTS = 10  # whose rates fit on a line


def echo_evidence(figures: Mapping[str, Any], model: Path) -> None:
    """The identity, the bounds by K, and the parts of the rate, each with its place."""
    _echo_identity(figures)
    _echo_bounds(figures["importance_weighted"], figures["identity"]["is_exact"], model)
    if "surgery" in figures:
        _echo_surgery(figures["surgery"])
    for part, reason in figures.get("does_not_apply", {}).items():
        click.echo(f"{PARTS[part]}: {reason}")
    click.echo(f"Protocol: {figures['protocol']}")


def _echo_identity(figures: Mapping[str, Any]) -> None:
    identity = figures["identity"]
    title = f"log p(x) = ELBO + KL(q(z|x) || p(z|x)): means over {identity['examples']} examples"
    table = _figures(title)
    method = identity["method"]
    if identity["is_exact"]:
        method += f", to {identity['largest_error']:.4f}"
    table.add_row("log p(x)", with_error(identity, "log_evidence"), f"the log evidence: {method}")
    table.add_row(
        "ELBO",
        with_error(identity, "elbo"),
        f"E_q[log likelihood] - KL(q || prior), of these {identity['examples']}",
    )
    gap = "from q(z|x) to the true posterior p(z|x)"
    if not identity["is_exact"]:
        gap += ", at least"
    table.add_row("KL(q || p(z|x))", with_error(identity, "posterior_kl"), gap)
    if identity["is_exact"]:
        left = f"{identity['mean_residual']:.4f}, at most {identity['largest_residual']:.4f}"
        table.add_row("residual", left, "|log p(x) - ELBO - KL|, each computed independently")
    _add_gaps(table, figures.get("gaps"))
    _add_annealed(table, figures.get("annealed"))
    print_table(table)
    for doubt in figures.get("gaps", {}).get("doubts", []):
        click.echo(f"Gaps: {doubt}")


def _add_gaps(table: Table, gaps: Mapping[str, Any] | None) -> None:
    if gaps is None:
        return
    table.add_section()
    table.add_row(
        "approximation gap",
        with_error(gaps, "approximation_gap"),
        f"KL left by the best diagonal Gaussian q ({gaps['examples']} examples)",
    )
    table.add_row(
        "amortization gap",
        with_error(gaps, "amortization_gap"),
        "what the encoder's q loses against that best q",
    )


def _add_annealed(table: Table, annealed: Mapping[str, Any] | None) -> None:
    if annealed is None:
        return
    table.add_section()
    table.add_row(
        "log p(x) by AIS",
        with_error(annealed, "log_evidence"),
        f"the log evidence again ({annealed['examples']} examples), within "
        f"{annealed['estimation_error']:.2f} unless chains missed a mode",
    )
    table.add_row(
        "  above log p(x)",
        with_error(annealed, "above_log_evidence"),
        "AIS minus log p(x) as above, the same examples",
    )
    table.add_row(
        "  bidirectional gap",
        with_error(annealed, "bidirectional_gap"),
        f"upper minus lower bound on data of the model's own: {annealed['chains']} chains, "
        f"{annealed['steps']} steps",
    )


def _echo_bounds(bound: Mapping[str, Any], is_exact: bool, model: Path) -> None:
    largest = bound["k"][-1]
    below = "below log p(x)" if is_exact else f"below L_{largest}"
    table = Table(title="Importance-weighted bounds of the log evidence, nats per example")
    for column in ("K", "L_K", below):
        table.add_column(column, justify="right")
    rows = zip(
        bound["k"],
        zip(bound["bound"], bound["standard_error"], strict=True),
        zip(bound["below_log_evidence"], bound["below_log_evidence_standard_error"], strict=True),
        strict=True,
    )
    for k, value, missing in rows:
        table.add_row(str(k), "{:.2f} ± {:.2f}".format(*value), "{:.2f} ± {:.2f}".format(*missing))
    print_table(table)
    click.echo(
        f"K = {largest}: {bound['median_effective_samples']:.1f} effective samples (median); "
        f"Pareto k-hat is low enough for {bound['share_trusted']:.0%} of the examples; on data "
        f"drawn from the model log p(x) is at most {with_error(bound, 'simulated_gap')} nats "
        "higher (mean)."
    )
    if bound["doubts"]:
        click.echo(
            f"L_{largest} is only a lower bound, too low to replace log p(x): "
            f"{'; '.join(bound['doubts'])}. Try a larger --k, or kvae evaluate {model} --ais"
        )


def _echo_surgery(surgery: Mapping[str, Any]) -> None:
    table = _figures(f"Parts of the rate: {surgery['examples']} examples, nats per example")
    table.add_row("rate", f"{surgery['rate']:.2f}", "mean KL(posterior q(z|x) || prior p(z))")
    saturated = ", saturated: the next line is unreliable" if surgery["is_saturated"] else ""
    table.add_row(
        "  mutual information",
        with_error(surgery, "mutual_information"),
        f"of x and z; ceiling log N = {surgery['ceiling']:.2f}{saturated}",
    )
    table.add_row(
        "  marginal KL",
        with_error(surgery, "marginal_kl"),
        "KL(aggregated posterior q(z) || prior p(z))",
    )
    means, variances = surgery["aggregated_mean"], surgery["aggregated_variance"]
    table.add_row(
        "mean of q(z)", f"{min(means):.2f} to {max(means):.2f}", "the prior's is 0 for each latent"
    )
    table.add_row(
        "variance of q(z)",
        f"{min(variances):.2f} to {max(variances):.2f}",
        "the prior's is 1 for each latent",
    )
    rates = sorted(surgery["latent_rates"], reverse=True)
    shown = ", ".join(f"{rate:.2f}" for rate in rates[:FEW_LATENTS])
    more = f", then {len(rates) - FEW_LATENTS} smaller" if len(rates) > FEW_LATENTS else ""
    active = f"{surgery['active_units']} of {len(rates)}"
    table.add_row("active units", active, f"rates of the latents: {shown}{more}")
    print_table(table)


def _figures(title: str) -> Table:
    table = Table(title=title)
    table.add_column("figure", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("in Bayes' theorem")
    return table
