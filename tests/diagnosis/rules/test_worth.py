"""Nats in parts of what training has gained."""

import numpy as np
import pytest
from diagnosis.made_subjects import changed

from keras_vae.diagnosis.rules.worth import mean_over_worth, over_worth
from keras_vae.measures import standard_error


def test_nats_and_their_error_are_divided_by_what_the_model_is_worth():
    m = changed(count=200)
    evidence = over_worth(m, "what was lost", 2.0, 0.5, threshold=0.3)
    assert evidence.value == pytest.approx(2.0 / m.worth)
    assert evidence.standard_error == pytest.approx(0.5 / m.worth)
    assert evidence.threshold == 0.3
    assert evidence.measure.startswith("what was lost, as a fraction of the gain")


def test_of_a_value_for_each_example_it_is_the_mean():
    m, nats = changed(count=200), np.array([1.0, 2.0, 6.0])
    evidence = mean_over_worth(m, "what was lost", nats, 0.3)
    assert evidence == over_worth(m, "what was lost", 3.0, standard_error(nats), 0.3)
