"""Finding: one thing that is wrong with a model, with its evidence, its cause and its remedy."""

import math
from dataclasses import dataclass, replace
from typing import Any

__all__ = ["ERROR", "INFO", "UNDETERMINED", "WARNING", "Evidence", "Finding", "finding"]

ERROR, WARNING, INFO, UNDETERMINED = "error", "warning", "info", "undetermined"

# Standard errors by which a value must be beyond its threshold.
CLEAR = 2.0
# Probability under chance above which a value may be chance.
CHANCE = 1e-3


@dataclass(frozen=True)
class Evidence:
    """A measured value beside the threshold from which it would be a finding.

    Attributes:
        measure: what was measured, with its unit.
        value: the measurement.
        threshold: where the finding begins.
        standard_error: of the value; 0 where it is exact.
        is_above: whether the finding lies above the threshold, not below it.
        settle: what would make the standard error smaller.
        p_value: probability that chance alone makes a value as far out; None where the standard
            error is all that is known.
    """

    measure: str
    value: float
    threshold: float
    standard_error: float = 0.0
    is_above: bool = True
    settle: str = "more examples (examples=..., --examples), if the split has more"
    p_value: float | None = None

    @property
    def is_beyond(self) -> bool | None:
        """True, False, or None: undetermined, because the standard error covers the threshold, or
        because a value beyond it may be chance."""
        if math.isnan(self.value):
            return False
        excess = self.value - self.threshold if self.is_above else self.threshold - self.value
        margin = CLEAR * self.standard_error if math.isfinite(self.standard_error) else math.inf
        if self.standard_error and abs(excess) < margin:
            return None
        if excess > 0 and self.p_value is not None and self.p_value > CHANCE:
            return None
        return excess > 0

    def __str__(self) -> str:
        error = f" ± {self.standard_error:.2g}" if self.standard_error else ""
        if self.p_value is not None:
            error += f", by chance with probability {self.p_value:.2g},"
        side = "above" if self.is_above else "below"
        return f"{self.measure}: {self.value:.4g}{error} (a finding {side} {self.threshold:.4g})"


@dataclass(frozen=True)
class Finding:
    """What is wrong, by how much, why, and what to change.

    Attributes:
        name: stable; `kvae diagnose --explain NAME` prints its page.
        severity: `"error"`, `"warning"`, `"info"`, or `"undetermined"`, where the standard error
            of the evidence covers its threshold.
        evidence: `Evidence`, the deciding one first.
        cause: one sentence for a newcomer.
        remedy: the option or line to change.
        healthy: what it would have looked like.
        follows_from: name of the finding that explains this one; None for a cause.
    """

    name: str
    severity: str
    evidence: tuple[Evidence, ...]
    cause: str
    remedy: str
    healthy: str
    follows_from: str | None = None

    def because_of(self, cause: str) -> "Finding":
        """This finding as a consequence of the finding named `cause`."""
        return replace(self, follows_from=cause)

    def to_dict(self) -> dict[str, Any]:
        """The finding as a dictionary that `json` can write."""
        return {
            "name": self.name,
            "severity": self.severity,
            "evidence": [
                {
                    "measure": evidence.measure,
                    "value": evidence.value,
                    "threshold": evidence.threshold,
                    "standard_error": evidence.standard_error,
                    "p_value": evidence.p_value,
                    "finding_lies": "above" if evidence.is_above else "below",
                }
                for evidence in self.evidence
            ],
            "cause": self.cause,
            "remedy": self.remedy,
            "healthy": self.healthy,
            "follows_from": self.follows_from,
        }


def finding(
    name: str,
    severity: str,
    evidence: Evidence | tuple[Evidence, ...],
    cause: str,
    remedy: str,
    healthy: str,
) -> Finding | None:
    """The finding if its evidence lies beyond its thresholds, otherwise None.

    Args:
        name, severity, cause, remedy, healthy: as in `Finding`.
        evidence: `Evidence`, or several that must all lie beyond.

    Returns:
        `Finding`; of severity `"undetermined"`, with what would decide it as the remedy, if some
        evidence is undetermined and no evidence is against it; None if some is.
    """
    evidence = evidence if isinstance(evidence, tuple) else (evidence,)
    verdicts = [part.is_beyond for part in evidence]
    if False in verdicts:
        return None
    if None in verdicts:
        open_part = evidence[verdicts.index(None)]
        return Finding(
            name,
            UNDETERMINED,
            evidence,
            f"{open_part.measure} is too close to its threshold, or too likely by chance, to "
            "decide",
            f"to settle it: {open_part.settle}",
            healthy,
        )
    return Finding(name, severity, evidence, cause, remedy, healthy)
