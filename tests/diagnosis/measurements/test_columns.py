import numpy as np
import pytest
from diagnosis.made_subjects import linear_subject
from diagnosis.made_tables import table_subject
from scipy import stats

from keras_vae.diagnosis.measurements import Measurements

RNG = np.random.default_rng(31)
X = RNG.normal(5, 2, (200, 3)).astype("float32")


def test_the_gain_of_a_column_is_that_of_its_own_log_density_and_0_where_it_is_missing():
    mask = (RNG.random(X.shape) < 0.8).astype("float32")
    m = Measurements(table_subject(X, mask=mask, told=(1,), log_var=-2.0))
    gains = m.gain_of_columns
    assert (gains[mask == 0] == 0).all()
    np.testing.assert_allclose(gains[:, [0, 2]], 0, atol=1e-5)
    there = mask[:, 1] > 0
    known = X[there, 1].astype("float64")
    mean, std = known.mean(), known.std()
    # z tells the value: its density is the highest of a normal distribution of that width
    width = std * np.exp(-2.0 / 2)
    expected = stats.norm.logpdf(0, 0, width) - stats.norm.logpdf(known, mean, std)
    np.testing.assert_allclose(gains[there, 1], expected, atol=0.02)  # of the soft bound


def test_what_counting_gains_is_the_difference_of_the_best_fits():
    counts = RNG.poisson(2, 400)
    m = Measurements(table_subject(np.stack([counts, X[:, 0].repeat(2)], axis=1)))
    assert set(m.gain_of_counting) == {"c0"}
    gain = m.gain_of_counting["c0"]
    poisson = stats.poisson.logpmf(counts, counts.mean())
    normal = stats.norm.logpdf(counts, counts.mean(), counts.std())
    assert gain.mean() == pytest.approx(np.mean(poisson - normal), abs=0.01)


def test_values_of_a_column_are_those_that_were_observed_of_the_kinds_asked_for():
    mask = np.ones_like(X)
    mask[:190, 2] = 0  # of which too few are left
    m = Measurements(table_subject(X, ["real", "count", "real"], mask))
    assert set(m.column_values("real")) == {"c0"}
    np.testing.assert_array_equal(m.column_values("count")["c1"], X[:, 1].astype("float64"))
    assert Measurements(linear_subject(count=50)).column_values("real") == {}
