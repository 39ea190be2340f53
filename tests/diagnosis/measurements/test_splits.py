"""Training examples against test examples."""

import dataclasses

import numpy as np
from diagnosis.made_subjects import linear_subject

from keras_vae.diagnosis.measurements import Measurements


def test_duplicates_are_looked_for_in_what_is_stored():
    subject = linear_subject(count=100)
    copied = np.concatenate([subject.train[:10], subject.test[10:]])
    assert Measurements(dataclasses.replace(subject, test=copied)).duplicates == (0.2, 0.0)
    stored = dataclasses.replace(subject, stored=(subject.train, copied))
    assert Measurements(stored).duplicates == (0.2, 0.0)
    assert Measurements(subject).duplicates == (0.0, 0.0)
