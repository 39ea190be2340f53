from keras_vae.figure_tables import diagnosis_table, findings_table

FIGURES = {
    "split": "test", "examples": 200, "examples_of_split": 500, "elbo": -5.0,
    "elbo_standard_error": 0.2, "distortion": 3.0, "rate": 2.0, "baseline": -8.0,
    "active_units": 2, "latent": 2, "implied_beta": None, "beta": 1.0, "collapse_threshold": None,
}  # fmt: skip
FOUND = {"severity": "error", "remedy": "more epochs", "cause": "It stopped early."}
DIAGNOSIS = {
    "verdict": "error",
    "checked": ["a", "b"],
    "protocol": "200 examples",
    "findings": [
        {**FOUND, "name": "undertrained", "follows_from": None},
        {**FOUND, "name": "collapsed", "follows_from": "undertrained"},
    ],
}


def values(**more):
    table = diagnosis_table({**FIGURES, **more})
    return {row[0].strip(): row[1:] for row in table.rows}, table.title


def test_the_measurements_have_a_row_each():
    rows, title = values()
    assert rows["elbo"][0] == "-5.00 ± 0.20"
    assert rows["implied beta"][0] == "undetermined"
    assert "beta*" not in rows
    assert "200 of 500 examples" in title


def test_a_weight_below_0_is_for_none():
    rows, _ = values(implied_beta=-0.5, implied_beta_standard_error=0.1, collapse_threshold=3.0)
    assert rows["implied beta"] == (
        "-0.50 ± 0.10",
        "KL weight for which these posteriors are optimal; yours is 1; below 0: for no weight",
    )
    assert rows["beta*"][0] == "3.00"


def test_a_finding_has_its_cause_or_what_it_follows_from_and_what_to_do():
    table = findings_table(DIAGNOSIS)
    assert table.rows == (
        ("undertrained", "error", "It stopped early.", "more epochs"),
        ("collapsed", "error", "follows from undertrained", "more epochs"),
    )
    assert table.title == "error: 2 checks, 2 findings"
