import numpy as np
import pytest
import tensorflow as tf
from scipy import special

from keras_vae.distributions import Ordinal

CUTS = np.array([-2.0, -1.9, 0.5, 4.0])


def made(cuts=CUTS):
    """Of one column with five classes."""
    likelihood = Ordinal((len(cuts) + 1,))
    likelihood.build_for((1,))
    widths = np.diff(cuts)
    likelihood.first_cut.assign(cuts[:1])
    likelihood.gaps.assign(np.log(np.expm1(widths - 1e-6))[None])
    return likelihood


@pytest.mark.parametrize("location", [-60.0, -3.0, 0.0, 1.0, 60.0])
def test_a_class_has_the_mass_of_a_logistic_number_between_its_cuts(location):
    likelihood = made()
    np.testing.assert_allclose(likelihood.cuts, CUTS[None], rtol=1e-6)
    x = np.arange(5, dtype="float32")[:, None]
    log_p = np.float64(likelihood.log_prob(x, np.full_like(x, location)))
    low, high = (np.concatenate(ends) - location for ends in (([-np.inf], CUTS), (CUTS, [np.inf])))
    if location < 0:  # by the other tail, which float64 has
        low, high = -high, -low
    expected = np.log(special.expit(high) - special.expit(low))
    np.testing.assert_allclose(log_p, expected, rtol=1e-5, atol=1e-6)
    assert np.exp(log_p).sum() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("location", [-1e4, -60.0, 0.3, 1e4])
def test_slopes_are_finite_and_right_however_far_the_location_is(location):
    likelihood = made()
    x = np.arange(5, dtype="float32")[:, None]
    at = tf.constant(np.full_like(x, location))
    with tf.GradientTape() as tape:
        tape.watch(at)
        log_p = likelihood.log_prob(x, at)
    slope, *of_weights = tape.gradient(log_p, [at, *[w.value for w in likelihood.weights]])
    ends = np.concatenate([[-np.inf], CUTS, [np.inf]]) - location
    # sigmoid(high) + sigmoid(low) - 1
    expected = special.expit(ends[1:]) + special.expit(ends[:-1]) - 1
    np.testing.assert_allclose(slope[:, 0], expected, rtol=1e-4, atol=1e-6)
    assert all(np.isfinite(part).all() for part in of_weights)


def test_columns_of_fewer_classes_use_their_own_cuts_alone():
    likelihood = Ordinal((3, 5, 2))
    rng = np.random.default_rng(0)
    x = rng.integers(0, [3, 5, 2], (40, 3)).astype("float32")
    best = likelihood.fit_without_z(x)
    p = np.exp(likelihood.distribution(best[None]).distribution.log_prob(
        np.arange(5, dtype="float32")[:, None, None]))[:, 0]  # fmt: skip
    np.testing.assert_allclose(p.T, likelihood.frequencies(x), rtol=1e-4, atol=1e-7)


def test_the_cuts_keep_their_order_wherever_training_drives_them():
    likelihood = made()
    likelihood.gaps.assign([[-1e4, -200.0, 1.0]])
    assert (np.asarray(likelihood._widths()) > 0).all()
    x = np.arange(5, dtype="float32")[:, None]
    assert np.isfinite(likelihood.log_prob(x, np.zeros_like(x))).all()


def test_the_reconstruction_is_the_most_probable_class():
    location = np.float32([[-5], [-1], [2.2], [9]])
    np.testing.assert_array_equal(made()(location), [[0], [2], [3], [4]])
