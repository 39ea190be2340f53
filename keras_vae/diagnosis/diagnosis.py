"""Diagnosis: the verdict on a model."""

from dataclasses import dataclass, field
from typing import Any

from keras_vae.diagnosis.finding import ERROR, UNDETERMINED, WARNING, Finding
from keras_vae.figure_tables import diagnosis_table, findings_table, html_tables

__all__ = ["Diagnosis"]


@dataclass(frozen=True)
class Diagnosis:
    """The verdict on a model.

    Attributes:
        findings: `Finding`s, the most likely cause first; what follows from others after them.
        checked: names of the rules that ran.
        figures: the main measurements by name, nats where they are terms of the ELBO.
        protocol: what they depend on, in words.
        does_not_apply: name of each rule that is made for other models than this one -> why.
    """

    findings: tuple[Finding, ...]
    checked: tuple[str, ...]
    figures: dict[str, Any]
    protocol: str
    does_not_apply: dict[str, str] = field(default_factory=dict)

    @property
    def causes(self) -> tuple[Finding, ...]:
        """The errors and warnings that follow from no other."""
        return tuple(
            f for f in self.findings if f.follows_from is None and f.severity in (ERROR, WARNING)
        )

    @property
    def verdict(self) -> str:
        """The worst severity: `"error"`, `"warning"` or `"healthy"`."""
        severities = {finding.severity for finding in self.findings}
        return next((s for s in (ERROR, WARNING) if s in severities), "healthy")

    def __getitem__(self, name: str) -> Finding:
        return next(finding for finding in self.findings if finding.name == name)

    def __contains__(self, name: str) -> bool:
        return any(f.name == name and f.severity != UNDETERMINED for f in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """The diagnosis as a dictionary that `json` can write."""
        return {
            "verdict": self.verdict,
            "findings": [finding.to_dict() for finding in self.findings],
            "figures": self.figures,
            "checked": list(self.checked),
            "protocol": self.protocol,
            **({"does_not_apply": self.does_not_apply} if self.does_not_apply else {}),
        }

    def _repr_html_(self) -> str:
        tables = [findings_table(self.to_dict())]
        if "elbo" in self.figures:  # not of a run that has not begun
            tables.append(diagnosis_table(self.figures))
        return html_tables(tables)
