import numpy as np
import pytest

from keras_vae.explanations.questions.bound import answer, told_of_training


def test_changes_are_those_of_the_columns_and_add_up(material):
    numbers = answer(material).numbers
    columns = numbers["columns"]
    for name, change in (("log_evidence", "log_evidence_change"), ("posterior_kl", "gap_change")):
        assert numbers[change] == pytest.approx(columns[name][-1] - columns[name][0])
    # ELBO = log p(x) - gap, within what quadrature leaves
    assert numbers["elbo_change"] == pytest.approx(
        numbers["log_evidence_change"] - numbers["gap_change"], abs=0.02
    )
    gap = material.identity.posterior_kl
    assert numbers["gap"] == pytest.approx(np.mean(gap))


def test_whether_the_gap_closed_is_told_as_far_as_its_error_allows():
    gaps = {"grew": 1.0, "the gap closed by": -1.0, "cannot be told": 0.3}
    told = {name: told_of_training((9.0, 1.0), (gap, 0.2)) for name, gap in gaps.items()}
    for words, text in told.items():
        assert words in text
        assert not any(other in text for other in told if other != words)
    assert "FELL" in told_of_training((-9.0, 1.0), (-1.0, 0.2))


def test_what_training_itself_kept_is_taken(healthy, material_of, make_vae):
    kept = {
        "method": "exact, by quadrature",
        "columns": {"epoch": [1, 9], "log_evidence": [-9.0, -5.0], "elbo": [-9.5, -6.0],
                    "posterior_kl": [0.5, 1.0], "error": [0.0, 0.0]},
    }  # fmt: skip
    numbers = answer(material_of(healthy, evidence=kept)).numbers
    assert (numbers["log_evidence_change"], numbers["gap_change"]) == (4.0, 0.5)
    assert "trained here" not in numbers["protocol"]
