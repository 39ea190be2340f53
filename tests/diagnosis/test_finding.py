"""Evidence against thresholds."""

import json
import math

import pytest

from keras_vae.diagnosis import Evidence, Finding
from keras_vae.diagnosis.finding import ERROR, UNDETERMINED, finding


def evidence(value, threshold=1.0, standard_error=0.0, is_above=True):
    return Evidence("a measure, nats", value, threshold, standard_error, is_above)


@pytest.mark.parametrize(
    ("value", "standard_error", "is_above", "expected"),
    [
        (1.5, 0.0, True, True),
        (0.5, 0.0, True, False),
        (1.5, 0.0, False, False),
        (0.5, 0.0, False, True),
        (1.5, 0.2, True, True),
        (1.5, 0.3, True, None),
        (0.5, 0.3, True, None),
        (0.5, 0.2, True, False),
        (0.5, 0.3, False, None),
        (0.5, 0.2, False, True),
        (1.0, 0.0, True, False),
        (1.5, math.inf, True, None),
        (math.nan, 0.1, True, False),
        (math.inf, 0.1, True, True),
        (-math.inf, 0.1, True, False),
    ],
)
def test_a_value_is_beyond_its_threshold_by_two_standard_errors(
    value, standard_error, is_above, expected
):
    assert evidence(value, 1.0, standard_error, is_above).is_beyond is expected


@pytest.mark.parametrize(
    ("value", "p_value", "expected"),
    [(1.5, 1e-3, True), (1.5, 2e-3, None), (0.5, 1e-3, False), (math.inf, 0.1, None)],
)
def test_what_chance_alone_may_make_is_undetermined(value, p_value, expected):
    assert Evidence("a measure", value, 1.0, p_value=p_value).is_beyond is expected


def make(parts):
    return finding("too_much", ERROR, parts, "a cause", "a remedy", "healthy")


def test_evidence_beyond_its_threshold_is_a_finding():
    found = make(evidence(2.0))
    assert (found.name, found.severity, found.cause) == ("too_much", ERROR, "a cause")
    assert found.follows_from is None


def test_evidence_within_its_threshold_is_none():
    assert make(evidence(0.5)) is None


def test_several_must_all_lie_beyond():
    assert make((evidence(2.0), evidence(2.0))).severity == ERROR
    assert make((evidence(2.0), evidence(0.5))) is None


def test_what_the_standard_error_covers_is_undetermined_and_says_what_would_settle_it():
    found = make((evidence(2.0), evidence(1.2, standard_error=0.2)))
    assert found.severity == UNDETERMINED
    assert "a cause" not in found.cause
    assert "more examples" in found.remedy


def test_what_speaks_against_weighs_more_than_what_is_undetermined():
    assert make((evidence(1.2, standard_error=0.2), evidence(0.5))) is None


def test_the_dictionary_holds_everything_and_json_reads_it_back():
    found = make((evidence(2.0, standard_error=0.1), evidence(0.5, is_above=False)))
    found = found.because_of("something_else")
    values = json.loads(json.dumps(found.to_dict()))
    assert values["follows_from"] == "something_else"
    assert values["evidence"][0] == {
        "measure": "a measure, nats",
        "value": 2.0,
        "threshold": 1.0,
        "standard_error": 0.1,
        "p_value": None,
        "finding_lies": "above",
    }
    assert values["evidence"][1]["finding_lies"] == "below"
    assert set(values) == set(Finding.__dataclass_fields__)


def test_evidence_in_words_names_value_error_and_threshold():
    assert str(evidence(2.0, standard_error=0.25)) == (
        "a measure, nats: 2 ± 0.25 (a finding above 1)"
    )
    assert str(evidence(0.5, is_above=False)) == "a measure, nats: 0.5 (a finding below 1)"
