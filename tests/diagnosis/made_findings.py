"""Findings without a model: what rules might have found."""

from keras_vae.diagnosis import Diagnosis
from keras_vae.diagnosis.causes import ranked, with_causes
from keras_vae.diagnosis.finding import Evidence, Finding
from keras_vae.diagnosis.rules import STAGES

NAMES = [rule.__name__ for rules in STAGES.values() for rule in rules]


def found(name, severity):
    return Finding(name, severity, (Evidence("a measure", 2.0, 1.0),), "a cause", "a remedy", "so")


def examined(**severities):
    """The diagnosis where the rules, asked in their order, have found what is given."""
    assert not set(severities) - set(NAMES)
    findings = [found(name, severities[name]) for name in NAMES if name in severities]
    return Diagnosis(tuple(ranked(with_causes(findings))), (), {}, "")
