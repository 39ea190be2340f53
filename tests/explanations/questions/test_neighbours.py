import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from keras_vae.explanations.questions.neighbours import answer, told_of_dealt, told_of_purity


@pytest.fixture(scope="module")
def found(material):
    return answer(material)


def test_purities_are_those_of_scikit_learn(found, material):
    labels, purity = material.labels, found.numbers["purity"]
    for name, codes in (("this model", material.drawn), ("x itself", material.x)):
        classifier = KNeighborsClassifier(10, algorithm="brute").fit(codes, labels)
        shares = classifier.predict_proba(None)
        own = shares[np.arange(len(codes)), np.searchsorted(classifier.classes_, labels)]
        # ties among equal x fall as they may
        assert purity[name] == pytest.approx(own.mean(), abs=0.02)
    assert set(purity) >= {"beta = 0", "beta = 8", "PCA of x, 2"}
    assert purity["this model"] > found.numbers["shuffled"] + 0.2


def test_codes_that_are_dealt_out_at_random_cost_nats(found):
    loss, error = (found.numbers[name] for name in ("dealt_loss", "dealt_loss_standard_error"))
    assert loss > 4 * error
    assert found.figure.axes


def test_a_model_whose_codes_say_nothing_is_not_said_to_group_classes(of_collapsed):
    collapsed = answer(of_collapsed)
    purity, chance = collapsed.numbers["purity"]["this model"], collapsed.numbers["shuffled"]
    error = collapsed.numbers["purity_standard_error"]["this model"]
    assert abs(purity - chance) < 4 * error
    assert not any("So classes do lie" in paragraph for paragraph in collapsed.paragraphs)


def test_without_labels_likeness_of_x_takes_the_place_of_classes(unlabelled):
    found = answer(unlabelled)
    assert "purity" not in found.numbers
    assert found.numbers["distance"]["this model"] < 0.8
    assert found.numbers["distance"]["x itself"] < 0.8


def test_sentences_follow_numbers_and_errors():
    purities = {told_of_purity(purity, 0.1, 0.02) for purity in (0.6, 0.11, 0.02)}
    dealt = {told_of_dealt(loss, 1.0) for loss in (9.0, 0.5, -9.0)}
    assert len(purities) == len(dealt) == 3
    assert "ranges overlap" in told_of_dealt(9.0, 1.0)
    assert "ranges overlap" not in told_of_dealt(9.0, 1.0, overlap=False)
