import pytest

from keras_vae.figure_tables import evidence_tables

IDENTITY = {
    "examples": 20, "method": "exact, by quadrature", "is_exact": True, "log_evidence": -4.0,
    "log_evidence_standard_error": 0.5, "largest_error": 0.001, "elbo": -5.0,
    "elbo_standard_error": 0.6, "posterior_kl": 1.0, "posterior_kl_standard_error": 0.1,
    "mean_residual": 0.0002, "largest_residual": 0.0009,
}  # fmt: skip
BOUND = {
    "k": [1, 10], "bound": [-5.0, -4.5], "standard_error": [0.6, 0.5],
    "below_log_evidence": [1.0, 0.5], "below_log_evidence_standard_error": [0.1, 0.05],
    "median_effective_samples": 3.0, "share_trusted": 0.9, "simulated_gap": 0.2,
    "simulated_gap_standard_error": 0.01, "doubts": [],
}  # fmt: skip
SURGERY = {
    "examples": 20, "rate": 2.0, "mutual_information": 1.5,
    "mutual_information_standard_error": 0.1, "marginal_kl": 0.5,
    "marginal_kl_standard_error": 0.1, "ceiling": 3.0, "is_saturated": False, "active_units": 2,
    "aggregated_mean": [0.0, 0.1], "aggregated_variance": [0.9, 1.1], "latent_rates": [0.5, 1.5],
}  # fmt: skip
GAPS = {
    "examples": 5, "approximation_gap": 0.25, "approximation_gap_standard_error": 0.01,
    "amortization_gap": 0.75, "amortization_gap_standard_error": 0.02, "doubts": ["few"],
}  # fmt: skip


def values(table):
    return {row[0].strip(): row[1] for row in table.rows if row}


def figures(**more):
    return {"identity": IDENTITY, "importance_weighted": BOUND, **more}


def test_the_identity_has_each_of_its_terms():
    identity, bounds = evidence_tables(figures())
    assert values(identity) == {
        "log p(x)": "-4.00 ± 0.50",
        "ELBO": "-5.00 ± 0.60",
        "KL(q || p(z|x))": "1.00 ± 0.10",
        "residual": "0.0002, at most 0.0009",
    }
    assert bounds.rows == (
        ("1", "-5.00 ± 0.60", "1.00 ± 0.10"),
        ("10", "-4.50 ± 0.50", "0.50 ± 0.05"),
    )
    assert bounds.columns[2] == "below log p(x)"


def test_what_is_a_bound_only_is_called_so():
    bound = {**BOUND, "doubts": ["k-hat is large"]}
    identity, bounds = evidence_tables(
        figures(identity={**IDENTITY, "is_exact": False}, importance_weighted=bound), "a/model"
    )
    assert "residual" not in values(identity)
    assert identity.rows[2][2].endswith("at least")
    assert bounds.columns[2] == "below L_10"
    assert "k-hat is large" in bounds.notes[-1]
    assert "kvae evaluate a/model --ais" in bounds.notes[-1]


def test_gaps_and_the_parts_of_the_rate_have_rows_of_their_own():
    identity, _, parts = evidence_tables(figures(gaps=GAPS, surgery=SURGERY))
    found = values(identity)
    assert (found["approximation gap"], found["amortization gap"]) == ("0.25 ± 0.01", "0.75 ± 0.02")
    assert () in identity.rows  # a line before them
    assert identity.notes == ("Gaps: few",)
    assert values(parts)["variance of q(z)"] == "0.90 to 1.10"
    assert parts.rows[-1][2] == "rates of the latents: 1.50, 0.50"


def test_what_was_drawn_has_an_error_and_the_prior_its_own_moments():
    drawn = {name: value for name, value in SURGERY.items() if name != "latent_rates"}
    drawn |= {
        "rate_standard_error": 0.25, "samples": 2000, "prior_mean": [-0.5, 0.5],
        "prior_variance": [2.0, 3.0],
    }  # fmt: skip
    parts = evidence_tables(figures(surgery=drawn))[-1]
    assert values(parts)["rate"] == "2.00 ± 0.25"
    words = {row[0].strip(): row[2] for row in parts.rows}
    assert "from 2000 draws" in words["rate"]
    assert words["mean of q(z)"] == "the prior's: -0.50 to 0.50"
    assert words["variance of q(z)"] == "the prior's: 2.00 to 3.00"
    assert "no rates of their own" in words["active units"]
    exact = evidence_tables(figures(surgery={**drawn, "rate_standard_error": 0.0}))[-1]
    assert values(exact)["rate"] == "2.00"
    assert "draws" not in exact.rows[0][2]


def test_the_best_q_is_named_by_its_family():
    for gaps, words in (
        (GAPS, "diagonal Gaussian"),  # of before there were others
        ({**GAPS, "family": "FullNormal"}, "any covariance"),
        ({**GAPS, "family": "InverseAutoregressiveFlow"}, "flow"),
    ):
        rows = {row[0]: row[2] for row in evidence_tables(figures(gaps=gaps))[0].rows if row}
        assert words in rows["approximation gap"]


@pytest.mark.parametrize("count", [3, 12])
def test_more_latents_than_fit_on_a_line_are_counted(count):
    surgery = {**SURGERY, "latent_rates": [float(k) for k in range(count)]}
    words = evidence_tables(figures(surgery=surgery))[-1].rows[-1][2]
    assert ("then 2 smaller" in words) == (count == 12)
