import numpy as np
import pytest
from diagnosis.made_subjects import linear_subject
from diagnosis.made_tables import table_subject
from scipy import stats

from keras_vae.data.tables import Column
from keras_vae.diagnosis import Subject
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.subjects.of_likelihood import OfLikelihood
from keras_vae.distributions import Columns, NegativeBinomial

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


def test_what_z_gains_is_held_against_the_dispersion_that_is_best_without_it():
    x = RNG.poisson(3, (400, 1)).astype("float32")
    likelihood = Columns({"count": NegativeBinomial()}, {"count": [0]})
    (best,) = likelihood.fit_without_z(x).values()
    likelihood.parts["count"].set_log_theta(np.array([-1.0]))  # as if z had trained it

    def encode(x):
        return np.zeros((2, len(x), 1), "float32")

    def decode(z):
        return {"count": np.repeat(best[None], len(z), axis=0)}

    columns = (Column("visits", "count"),)
    m = Measurements(Subject(encode, decode, OfLikelihood(likelihood), x, x, columns=columns))
    theta, mean = np.exp(-1.0), x.mean()
    own = stats.nbinom.logpmf(x[:, 0], theta, theta / (theta + mean))
    gains = own - stats.poisson.logpmf(x[:, 0], mean)
    np.testing.assert_allclose(m.gain_of_columns[:, 0].mean(), gains.mean(), atol=0.02)
    assert m.baseline == pytest.approx(stats.poisson.logpmf(x, mean).mean(), abs=0.02)


def test_what_columns_have_in_common_is_the_total_correlation_of_their_forms():
    u, noise, code = RNG.normal(size=(3, 4000))
    x = np.stack([u, 3 * u + 2 * noise, np.exp(u + code), code > 0.7], axis=1)
    kinds = ["real", "real", "positive", "binary"]
    m = Measurements(table_subject(x, kinds=kinds, categories=("no", "yes")), examples=4000)
    entries = np.stack([u, 3 * u + 2 * noise, u + code, code > 0.7])
    expected = -0.5 * np.linalg.slogdet(np.corrcoef(entries))[1]
    assert m.nats_in_common == pytest.approx(expected, rel=1e-3)


def test_what_categories_have_in_common_is_about_their_mutual_information():
    first = RNG.integers(0, 3, 4000)
    second = np.where(RNG.random(4000) < 0.3, first, RNG.integers(0, 3, 4000))
    x = np.stack([first, second], axis=1)
    of_kind = {"kinds": ["categorical"] * 2, "categories": ("a", "b", "c", "d")}
    m = Measurements(table_subject(x, **of_kind), examples=4000)
    joint = np.bincount(3 * first + second, minlength=9).reshape(3, 3) / 4000
    alone = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0)
    assert m.nats_in_common == pytest.approx(np.sum(joint * np.log(joint / alone)), rel=0.2)


def test_what_a_model_is_told_or_what_is_missing_is_not_in_common():
    u, *noise = RNG.normal(size=(3, 4000))
    x = np.stack([u + 0.3 * each for each in noise], axis=1)
    told = table_subject(x)
    assert Measurements(told).nats_in_common > 0.3
    told.train["condition"] = u[:, None].astype("float32")
    assert Measurements(told).nats_in_common < 0.05
    never_both = np.stack([np.arange(4000) % 2, np.arange(4000) % 2 == 0], axis=1)
    assert Measurements(table_subject(x, mask=never_both)).nats_in_common == pytest.approx(
        0, abs=1e-9
    )


def test_other_data_have_no_columns():
    assert Measurements(linear_subject(count=50)).nats_in_common is None


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
