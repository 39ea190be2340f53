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


def test_rows_with_gaps_are_equal_where_values_gaps_and_conditions_are():
    train, test = np.random.default_rng(0).random((2, 50, 3)).astype("float32")
    condition = np.repeat([[0.0, 1.0], [1.0, 0.0]], 25, axis=0).astype("float32")
    mask = np.ones_like(train)
    mask[:10, 1] = 0
    test[:20] = train[:20]
    test[:5, 1] += 1  # of what is missing
    given = {"x": train, "mask": mask, "condition": condition}
    copied = Measurements(linear_subject(train=given, test={**given, "x": test}))
    assert copied.duplicates == (0.4, 0.0)
    # where another entry is missing, or another class is told, it is another row
    other = np.ones_like(mask)
    other[:10, 2] = 0
    gaps = Measurements(linear_subject(train=given, test={**given, "x": test, "mask": other}))
    assert gaps.duplicates == (0.2, 0.0)
    told = {**given, "x": test, "condition": condition[::-1]}
    assert Measurements(linear_subject(train=given, test=told)).duplicates == (0.0, 0.0)
