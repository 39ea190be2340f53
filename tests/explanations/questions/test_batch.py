import pytest
from reference import kl_from_standard_normal

from keras_vae.explanations.questions.batch import answer, told_of_parts


def test_the_mean_is_of_separate_rates_and_its_parts_add_up(material, healthy):
    found = answer(material)
    rates = kl_from_standard_normal(*healthy.encode(material.x))
    assert found.numbers["rate"] == pytest.approx(rates.mean(), rel=1e-4)
    parts = found.numbers["mutual_information"] + found.numbers["marginal_kl"]
    assert parts == pytest.approx(rates.mean(), rel=1e-4)
    assert found.figure.axes


def test_the_sentence_follows_the_parts_and_their_error():
    told = {
        "both": told_of_parts(4.0, 0.8, 0.02, 6.2),
        "prior": told_of_parts(4.0, 0.01, 0.02, 6.2),
        "nothing": told_of_parts(0.01, 0.01, 0.02, 6.2),
        "ceiling": told_of_parts(6.1, 3.0, 0.02, 6.2),
    }
    assert len(set(told.values())) == 4
    assert "0.80" in told["both"]
    assert "tells nothing" in told["nothing"]
    assert "ceiling" in told["ceiling"]
