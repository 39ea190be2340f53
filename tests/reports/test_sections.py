import xml.etree.ElementTree as ET

import numpy as np
import pytest

from keras_vae import DoesNotApply, plots
from keras_vae.diagnosis import Diagnosis, Finding
from keras_vae.diagnosis.finding import Evidence
from keras_vae.explanations import Answer, Lines
from keras_vae.reports.sections import (
    answers_html,
    diagnosis_html,
    evidence_html,
    overview_html,
    pictures_html,
    run_html,
    said,
)

HARMFUL = "<script>&"
METRICS = {
    "split": "test", "examples": 50, "elbo": -5.0, "elbo_standard_error": 0.25, "rate": 1.5,
    "distortion": 3.5, "bits_per_dim": 0.5, "active_units": 2, "latent": 3, "baseline": -9.0,
    "gain": 4.0, "gain_standard_error": 0.125, "protocol": HARMFUL,
}  # fmt: skip
EVIDENCE = {
    "identity": {
        "examples": 20, "method": "exact", "is_exact": True, "log_evidence": -4.0,
        "log_evidence_standard_error": 0.5, "largest_error": 0.001, "elbo": -5.5,
        "elbo_standard_error": 0.6, "posterior_kl": 1.5, "posterior_kl_standard_error": 0.1,
        "mean_residual": 0.0, "largest_residual": 0.0,
    },
    "importance_weighted": {
        "k": [1], "bound": [-5.5], "standard_error": [0.6], "below_log_evidence": [1.5],
        "below_log_evidence_standard_error": [0.1], "median_effective_samples": 1.0,
        "share_trusted": 1.0, "simulated_gap": 0.2, "simulated_gap_standard_error": 0.01,
        "doubts": [],
    },
    "does_not_apply": {"surgery": HARMFUL},
    "protocol": HARMFUL,
}  # fmt: skip


def found(name, severity="error", follows_from=None):
    evidence = (Evidence(f"of {HARMFUL}", 2.0, 1.0),)
    return Finding(name, severity, evidence, f"It {HARMFUL}.", "more", "less", follows_from)


def diagnosis(*findings, **left_out):
    return Diagnosis(findings, ("a", "b"), {}, HARMFUL, left_out)


def parsed(html):
    """As XML, which shows that nothing in it was left unescaped."""
    return ET.fromstring(f"<div>{html.replace('&emsp;', '')}</div>")


def texts(root, path):
    return ["".join(part.itertext()) for part in root.findall(path)]


def test_the_main_figures_are_large_and_the_verdict_is_among_them():
    root = parsed(overview_html(METRICS, diagnosis(found("one"), found("two"))))
    assert texts(root, ".//b") == [
        "2 errors", "-5.00 ± 0.25", "4.00 ± 0.12", "1.50", "2 of 3", "0.500",
    ]  # fmt: skip
    root = parsed(overview_html({**METRICS, "bits_per_dim": None}, diagnosis()))
    assert texts(root, ".//b")[0] == "healthy"
    assert len(texts(root, ".//b")) == 5


def test_what_is_active_and_what_the_gain_is_owed_to_is_told():
    few = {**METRICS, "rate": 0.0775, "is_conditional": True}
    words = texts(parsed(overview_html(few, diagnosis())), ".//span")
    assert "gain from z and the condition" in words
    assert "vary over the data, but carry only 0.077 nats in total" in words


def test_each_number_stands_below_its_term_of_bayes_theorem():
    root = parsed(evidence_html(METRICS, EVIDENCE, "a/model", ""))
    terms = {
        texts(term, "i")[0]: texts(term, "b")[0] for term in root.iterfind(".//span[@class='term']")
    }
    assert terms["log p(x)"] == "-4.00 ± 0.50"
    assert terms["KL(q(z|x) || p(z|x))"] == "1.50 ± 0.10"
    assert terms["E_q[log p(x|z)]"] == "-3.50"
    assert terms["KL(q(z|x) || p(z))"] == "1.50"
    bound = {**EVIDENCE, "identity": {**EVIDENCE["identity"], "is_exact": False}}
    assert evidence_html(METRICS, bound, "a/model", "").count("at least") >= 2


def test_findings_are_cards_and_their_consequences_lines():
    html = diagnosis_html(
        diagnosis(found("one"), found("two", follows_from="one"), three="of counts only")
    )
    root = parsed(html)
    assert [card.get("class") for card in root.iter("article")] == ["finding error"]
    assert "two (error): follows from one" in texts(root, ".//li")
    assert "three: of counts only" in texts(root, ".//li")
    assert "Nothing was found" in diagnosis_html(diagnosis())


def test_a_part_that_does_not_apply_says_why():
    def refuse():
        raise DoesNotApply(f"it is {HARMFUL}")

    assert texts(parsed(said(refuse)), "p") == [f"Left out: it is {HARMFUL}"]
    with pytest.raises(ZeroDivisionError):  # a bug is none of the user's
        said(lambda: str(1 / 0))


def test_pictures_and_explanations_are_told_in_words_too():
    figure = plots.latent_rates(np.array([1.5, 0.0]), np.array([True, False]))
    shown = parsed(pictures_html([("rates", f"Rates {HARMFUL}", figure)], 0))
    assert shown.find(".//div[@role='img']").get("aria-label") == f"Rates {HARMFUL}"
    assert shown.find(".//{http://www.w3.org/2000/svg}svg") is not None
    assert pictures_html([], 0) == ""
    paragraphs = "One.", HARMFUL, Lines(f"{HARMFUL}\n  2")
    answer = Answer("one", HARMFUL, paragraphs, {"protocol": HARMFUL}, lambda: figure)
    root = parsed(answers_html([answer], 0))
    assert texts(root, "h3") == [HARMFUL]
    assert texts(root, "p") == ["One.", HARMFUL, HARMFUL]
    assert texts(root, "pre") == [f"{HARMFUL}\n  2"]


def test_what_a_folder_says_is_a_table_that_can_be_scrolled_by_keyboard():
    record = {
        "config": {"latent": 2},
        "data": {"name": HARMFUL, "examples": {"test": 2}, "event_shape": [3]},
        "training": {"weights": 1, "ended": "finished", "epochs": 1, "seconds": 1, "best_epoch": 1},
        "protocol": HARMFUL,
        "versions": {},
    }
    root = parsed(run_html("a/model", record))
    assert root.find("div").get("tabindex") == "0"
    assert f"{HARMFUL}: 2 test; shape (3,)" in texts(root, ".//td")
