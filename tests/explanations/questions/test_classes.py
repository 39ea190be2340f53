import numpy as np
from reference import kl_from_standard_normal

from keras_vae.explanations.questions.classes import answer, is_the_same


def test_each_rate_is_the_same_when_all_others_are_gone(material, healthy):
    numbers = answer(material).numbers
    expected = kl_from_standard_normal(*healthy.encode(material.x))
    places = [list(material.rows).index(row) for row in numbers["examples"]]
    np.testing.assert_allclose(numbers["rate_in_batch"], expected[places], rtol=1e-4)
    np.testing.assert_allclose(numbers["rate_alone"], expected[places], rtol=1e-4)


def test_rates_that_others_change_are_not_called_the_same():
    rates = np.array([3.0, 5.0])
    assert is_the_same(rates, rates + 1e-5)
    assert not is_the_same(rates, rates + 0.1)


def test_the_text_knows_of_labels_and_of_collapse(material, unlabelled, of_collapsed):
    texts = ["\n".join(answer(each).paragraphs) for each in (material, unlabelled, of_collapsed)]
    assert ["have no labels" in text for text in texts] == [False, True, False]
    assert ["pulled all of them there" in text for text in texts] == [False, False, True]
