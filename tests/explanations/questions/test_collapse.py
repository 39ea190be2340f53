import pytest

from keras_vae.explanations.companions import COLLAPSING
from keras_vae.explanations.questions.collapse import answer, told_of_pay


def test_leaving_the_prior_is_weighed_against_a_collapsed_model(material):
    numbers = answer(material).numbers
    companion = material.companions.of(COLLAPSING)
    assert numbers["collapsed_rate"] == pytest.approx(companion.rate.mean())
    saved = numbers["collapsed_distortion"] - numbers["distortion"]
    assert numbers["elbo_gain"] == pytest.approx(
        saved - numbers["rate"] + numbers["collapsed_rate"]
    )


def test_a_collapsed_model_is_told_that_it_is_one(of_collapsed, material):
    words = "z says nothing about x. The decoder"
    assert any(words in paragraph for paragraph in answer(of_collapsed).paragraphs)
    assert not any(words in paragraph for paragraph in answer(material).paragraphs)


def test_what_pays_is_told_as_far_as_its_error_allows():
    pays, loses, open_ = (told_of_pay(5.0, 5.0 + gain, gain, 1.0) for gain in (10.0, -4.0, 1.0))
    assert len({pays, loses, open_}) == 3
    assert "3.0 for each" in pays  # 15 nats for 5
    assert "resists" not in loses + open_
