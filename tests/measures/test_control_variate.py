import numpy as np
import pytest

from keras_vae.measures.control_variate import mean_beside


def test_what_the_control_explains_has_no_error():
    control = np.random.default_rng(0).normal(size=50)
    mean, error = mean_beside(3 * control + 2, control, 0.1)
    assert mean == pytest.approx(2.3)
    assert error == pytest.approx(0, abs=1e-12)


def test_a_control_that_never_changes_leaves_the_mean_of_the_values():
    values = np.random.default_rng(0).normal(size=50)
    mean, error = mean_beside(values, np.ones(50), 1.0)
    assert mean == pytest.approx(values.mean())
    assert error == pytest.approx(values.std() / np.sqrt(48))


def test_the_error_is_how_the_mean_varies_between_repetitions():
    rng = np.random.default_rng(0)
    found = []
    for _ in range(2000):
        control = rng.normal(size=200)
        found.append(mean_beside(control + 0.5 * rng.normal(size=200), control, 0.0))
    means, errors = np.transpose(found)
    assert abs(means.mean()) < 4 * means.std() / np.sqrt(len(means))
    assert means.std() == pytest.approx(errors.mean(), rel=0.06)  # 0.5 / sqrt(200)
    assert errors.mean() == pytest.approx(0.5 / np.sqrt(200), rel=0.02)
