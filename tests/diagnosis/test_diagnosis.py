import pytest
from diagnosis.made_findings import examined

from keras_vae.diagnosis import Diagnosis
from keras_vae.diagnosis.finding import ERROR, INFO, UNDETERMINED, WARNING


@pytest.mark.parametrize(
    ("severities", "verdict"),
    [
        ((), "healthy"),
        ((INFO, UNDETERMINED), "healthy"),
        ((INFO, WARNING), "warning"),
        ((WARNING, ERROR, UNDETERMINED), "error"),
    ],
)
def test_the_verdict_is_the_worst_severity(severities, verdict):
    names = ("spare_latents", "prior_hole", "more_latents_would_pay")
    assert examined(**dict(zip(names, severities, strict=False))).verdict == verdict


def test_what_is_undetermined_is_listed_and_not_found():
    diagnosis = examined(prior_hole=UNDETERMINED, overfitting=WARNING)
    assert "prior_hole" not in diagnosis
    assert "overfitting" in diagnosis
    assert diagnosis["prior_hole"].severity == UNDETERMINED
    assert [cause.name for cause in diagnosis.causes] == ["overfitting"]


def test_an_unknown_name_is_not_in_a_diagnosis():
    assert "collapsed" not in Diagnosis((), (), {}, "")
