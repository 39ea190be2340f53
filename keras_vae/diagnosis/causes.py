"""Which findings follow from which, and which is said first."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from keras_vae.diagnosis.finding import ERROR, INFO, UNDETERMINED, WARNING, Finding
from keras_vae.diagnosis.rules import STAGES

__all__ = ["SEVERITIES", "ranked", "with_causes"]

SEVERITIES = (ERROR, WARNING, INFO, UNDETERMINED)
STAGE_OF = {rule.__name__: stage for stage, rules in enumerate(STAGES.values()) for rule in rules}
# From this stage on a warning explains what comes after; an error is explained by no warning of
# a later one.
WEIGHTING = list(STAGES).index("weighting")
# What is said before anything else, with its cause.
WORSE = "worse_than_without_z"
# What no finding of another stage explains.
NEVER_FOLLOWS = {"warmup_unfinished", "duplicates_across_splits", WORSE}


def with_causes(findings: Sequence[Finding]) -> list[Finding]:
    """Each finding with the name of the one that explains it, if there is one."""
    return [_with_cause(finding, findings) for finding in findings]


def ranked(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, the most likely cause first. Where the model is worse than none, that cause
    begins with it: here is by how much, and here is why."""
    findings = sorted(findings, key=_rank)
    loss = next((f for f in findings if f.name == WORSE and f.severity == ERROR), None)
    causes = (f for f in findings if f.follows_from is None and f.severity in (ERROR, WARNING))
    why = next((f for f in causes if f is not loss and f.name not in FALSIFIES_FIGURES), None)
    if loss is None or why is None:
        return findings
    said = {
        WORSE: loss.because_of(why.name),
        why.name: replace(
            why, evidence=(*why.evidence, *loss.evidence), cause=f"{loss.cause} {why.cause}"
        ),
    }
    return sorted((said.get(f.name, f) for f in findings), key=_rank)


def _with_cause(finding: Finding, findings: Sequence[Finding]) -> Finding:
    """The finding with the name of the earlier one that it may follow from, if there is one."""
    if finding.severity == UNDETERMINED or finding.name in NEVER_FOLLOWS:
        return finding
    for other in findings:
        if finding.name in EXPLAINS.get(other.name, ()) and other.severity != UNDETERMINED:
            return finding.because_of(other.name)
    stage = STAGE_OF[finding.name]
    explained = EXPLAINS.get(finding.name, ())
    for other in findings:
        is_earlier = STAGE_OF[other.name] < stage and other.name not in explained
        is_grave = other.severity == ERROR or (
            other.severity == WARNING
            and STAGE_OF[other.name] >= WEIGHTING
            and (finding.severity != ERROR or STAGE_OF[other.name] == WEIGHTING)
        )
        if is_earlier and is_grave and other.name not in EXPLAINS_NOTHING:
            return finding.because_of(other.name)
    return finding


# What is the same thing, or follows of necessity, within a stage.
EXPLAINS = {
    "splits_binarized_differently": {"splits_scaled_differently", "splits_differ"},
    "splits_scaled_differently": {"splits_differ"},
    "identifier_as_number": {"column_dominates", "label_leaks"},
    "encoder_is_random": {"noise_scale_wrong", "noise_repeated", "noise_missing",
                          "rate_formula_wrong", "training_mode_differs"},
    "noise_repeated": {"noise_scale_wrong"},
    "noise_shared_by_batch": {"noise_scale_wrong"},
    "rate_formula_wrong": {"loss_drops_a_term"},
    "encoder_constant": {"decoder_constant", "sigma_too_large"},
    "decoder_constant": {"sigma_too_large"},
    "distortion_averaged": {"kl_overweighted"},
    "rate_averaged": {"kl_underweighted"},
    "warmup_unfinished": {"kl_underweighted"},
    "sigma_too_large": {"kl_underweighted"},
    "sigma_too_small": {"kl_overweighted"},
    "latent_blow_up": {"encoder_unsettled", "lagging_encoder"},
    "encoder_too_narrow": {"amortization_gap", "decoder_ignores_z", "collapsed"},
    "amortization_gap": {"decoder_ignores_z", "collapsed"},
    "lagging_encoder": {"encoder_unsettled", "undertrained", "decoder_ignores_z", "collapsed"},
    "undertrained": {
        "encoder_unsettled", "decoder_ignores_z", "sigma_too_large", "sigma_too_small"
    },
}  # fmt: skip
# They say nothing of the model itself.
FALSIFIES_FIGURES = {
    "bound_estimator_wrong", "duplicates_across_splits", "export_drift", "objectives_differ"
}  # fmt: skip
# Those, and the end of a chain.
EXPLAINS_NOTHING = FALSIFIES_FIGURES | {rule.__name__ for rule in STAGES["inference"]}


def _rank(finding: Finding) -> tuple[bool, int, int]:
    is_consequence = finding.follows_from is not None
    return is_consequence, SEVERITIES.index(finding.severity), STAGE_OF[finding.name]
