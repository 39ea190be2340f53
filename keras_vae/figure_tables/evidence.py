"""The figures of `keras_vae.evaluation.evidence_report` as tables."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from keras_vae.figure_tables.table import FigureTable, with_error

__all__ = ["PARTS", "evidence_tables"]

PARTS = {
    "surgery": "The rate taken apart",
    "certificate": "The bidirectional gap of annealing",
    "gaps": "The gap taken apart",
}
# In which the best q(z|x) of one x is looked for.
FAMILIES = {
    "DiagonalNormal": "diagonal Gaussian",
    "FullNormal": "Gaussian (any covariance)",
    "InverseAutoregressiveFlow": "flow (of these networks)",
}
FEW_LATENTS = 10  # whose rates fit on a line
PLACE = ("figure", "value", "in Bayes' theorem")


def evidence_tables(figures: Mapping[str, Any], model: object = "MODEL") -> list[FigureTable]:
    """The identity log p(x) = ELBO + KL(q(z|x) || p(z|x)), the bounds by K, and the parts of the
    rate, each number with its place.

    Args:
        figures: as `EvidenceReport.to_dict` gives them.
        model: its folder, as the advice names it.
    """
    tables = [
        _identity(figures),
        _bounds(figures["importance_weighted"], figures["identity"]["is_exact"], model),
    ]
    if "surgery" in figures:
        tables.append(_surgery(figures["surgery"]))
    return tables


def _identity(figures: Mapping[str, Any]) -> FigureTable:
    identity = figures["identity"]
    method = identity["method"]
    gap = "from q(z|x) to the true posterior p(z|x)"
    if identity["is_exact"]:
        method += f", to {identity['largest_error']:.4f}"
    else:
        gap += ", at least"
    of_these = f"E_q[log likelihood] - KL(q || prior), of these {identity['examples']}"
    rows: list[tuple[str, ...]] = [
        ("log p(x)", with_error(identity, "log_evidence"), f"the log evidence: {method}"),
        ("ELBO", with_error(identity, "elbo"), of_these),
        ("KL(q || p(z|x))", with_error(identity, "posterior_kl"), gap),
    ]
    if identity["is_exact"]:
        left = f"{identity['mean_residual']:.4f}, at most {identity['largest_residual']:.4f}"
        rows.append(("residual", left, "|log p(x) - ELBO - KL|, each computed independently"))
    gaps, annealed = figures.get("gaps"), figures.get("annealed")
    rows += [*([] if gaps is None else _gaps(gaps))]
    rows += [*([] if annealed is None else _annealed(annealed))]
    title = f"log p(x) = ELBO + KL(q(z|x) || p(z|x)): means over {identity['examples']} examples"
    doubts = () if gaps is None else tuple(f"Gaps: {doubt}" for doubt in gaps["doubts"])
    return FigureTable(title, tuple(rows), PLACE, notes=doubts)


def _gaps(gaps: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    yield ()
    family = FAMILIES[gaps.get("family", "DiagonalNormal")]  # runs of before name none
    best = f"KL left by the best {family} q ({gaps['examples']} examples)"
    yield "approximation gap", with_error(gaps, "approximation_gap"), best
    lost = "what the encoder's q loses against that best q"
    yield "amortization gap", with_error(gaps, "amortization_gap"), lost


def _annealed(annealed: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    yield ()
    yield (
        "log p(x) by AIS",
        with_error(annealed, "log_evidence"),
        f"the log evidence again ({annealed['examples']} examples), within "
        f"{annealed['estimation_error']:.2f} unless chains missed a mode",
    )
    yield (
        "  above log p(x)",
        with_error(annealed, "above_log_evidence"),
        "AIS minus log p(x) as above, the same examples",
    )
    if "bidirectional_gap" in annealed:
        yield (
            "  bidirectional gap",
            with_error(annealed, "bidirectional_gap"),
            f"upper minus lower bound on data of the model's own: {annealed['chains']} chains, "
            f"{annealed['steps']} steps",
        )


def _bounds(bound: Mapping[str, Any], is_exact: bool, model: object) -> FigureTable:
    largest = bound["k"][-1]
    below = "below log p(x)" if is_exact else f"below L_{largest}"
    rows = zip(
        bound["k"],
        zip(bound["bound"], bound["standard_error"], strict=True),
        zip(bound["below_log_evidence"], bound["below_log_evidence_standard_error"], strict=True),
        strict=True,
    )
    notes = [
        f"K = {largest}: {bound['median_effective_samples']:.1f} effective samples (median); "
        f"Pareto k-hat is low enough for {bound['share_trusted']:.0%} of the examples; on data "
        f"drawn from the model log p(x) is at most {with_error(bound, 'simulated_gap')} nats "
        "higher (mean)."
    ]
    if bound["doubts"]:
        notes.append(
            f"L_{largest} is only a lower bound, too low to replace log p(x): "
            f"{'; '.join(bound['doubts'])}. Try a larger --k, or kvae evaluate {model} --ais"
        )
    return FigureTable(
        "Importance-weighted bounds of the log evidence, nats per example",
        tuple(
            (str(k), "{:.2f} ± {:.2f}".format(*value), "{:.2f} ± {:.2f}".format(*missing))
            for k, value, missing in rows
        ),
        ("K", "L_K", below),
        (0, 1, 2),
        tuple(notes),
    )


def _surgery(surgery: Mapping[str, Any]) -> FigureTable:
    saturated = ", saturated: the next line is unreliable" if surgery["is_saturated"] else ""
    means, variances = surgery["aggregated_mean"], surgery["aggregated_variance"]
    is_sampled = surgery.get("rate_standard_error", 0) > 0
    rows = (
        (
            "rate",
            with_error(surgery, "rate") if is_sampled else f"{surgery['rate']:.2f}",
            "mean KL(posterior q(z|x) || prior p(z))"
            + (f", estimated from {surgery['samples']} draws of z" if is_sampled else ""),
        ),
        (
            "  mutual information",
            with_error(surgery, "mutual_information"),
            f"of x and z; ceiling log N = {surgery['ceiling']:.2f}{saturated}",
        ),
        (
            "  marginal KL",
            with_error(surgery, "marginal_kl"),
            "KL(aggregated posterior q(z) || prior p(z))",
        ),
        ("mean of q(z)", _range(means), _of_prior(surgery.get("prior_mean"), "0")),
        ("variance of q(z)", _range(variances), _of_prior(surgery.get("prior_variance"), "1")),
        ("active units", f"{surgery['active_units']} of {len(means)}", _latents(surgery)),
    )
    title = f"Parts of the rate: {surgery['examples']} examples, nats per example"
    return FigureTable(title, rows, PLACE)


def _range(values: Sequence[float]) -> str:
    return f"{min(values):.2f} to {max(values):.2f}"


def _of_prior(values: Sequence[float] | None, standard: str) -> str:
    """The moments of p(z) to compare with: those of N(0, I) where none are given."""
    if values is None:
        return f"the prior's is {standard} for each latent"
    return f"the prior's: {_range(values)}"


def _latents(surgery: Mapping[str, Any]) -> str:
    """The largest rates of latents, where latents have rates of their own."""
    if "latent_rates" not in surgery:
        return "whose posterior mean varies; latents have no rates of their own here"
    rates = sorted(surgery["latent_rates"], reverse=True)
    shown = ", ".join(f"{rate:.2f}" for rate in rates[:FEW_LATENTS])
    more = f", then {len(rates) - FEW_LATENTS} smaller" if len(rates) > FEW_LATENTS else ""
    return f"rates of the latents: {shown}{more}"
