import numpy as np
import pytest
import tensorflow as tf
from scipy import special

from keras_vae import ConfigError, DataError
from keras_vae.distributions import DiscretizedLogistic


def outputs(mean, scale, count):
    """For a scale in units of x."""
    log_scale = np.full((count, 1), np.log(scale), "float32")
    return {"mean": np.full((count, 1), mean, "float32"), "log_scale": log_scale}


def exact(levels, mean, scale):
    """log p of every level in float64, each from the tail that is smaller."""
    last = levels - 1
    cuts = np.concatenate([[-np.inf], (np.arange(last) + 0.5) / last, [np.inf]])
    u = (cuts - mean) / scale
    low, high = u[:-1], u[1:]
    is_above = low + high > 0
    low, high = np.where(is_above, -high, low), np.where(is_above, -low, high)
    # sigmoid(b) - sigmoid(a), a < b < 0
    with np.errstate(invalid="ignore"):
        log_p = special.log_expit(high) + np.log1p(
            -np.exp(special.log_expit(low) - special.log_expit(high))
        )
    return np.where(np.isinf(low), special.log_expit(high), log_p)


def bounded_scale(likelihood, parameters):
    log_scale = parameters["log_scale"][:1].astype("float64")
    low, high = likelihood._log_scale_range
    below = high - np.logaddexp(0, high - log_scale)
    return np.exp(low + np.logaddexp(0, below - low)).item()


@pytest.mark.parametrize("levels", [2, 256, 65536])
@pytest.mark.parametrize(("mean", "scale"), [(0.3, 0.05), (0.5, 1.0), (0.999, 1e-3), (-2.0, 0.05),
                                             (0.25, 1e-9), (3.0, 0.02)])  # fmt: skip
def test_the_mass_of_each_level_is_that_of_float64_and_all_sum_to_1(levels, mean, scale):
    likelihood = DiscretizedLogistic(levels)
    x = (np.arange(levels) / (levels - 1)).astype("float32")[:, None]
    parameters = outputs(mean, scale, levels)
    log_p = np.float64(likelihood.log_prob(x, parameters))
    expected = exact(levels, np.float64(np.float32(mean)), bounded_scale(likelihood, parameters))
    assert np.exp(expected).sum() == pytest.approx(1, abs=1e-12)
    assert np.exp(log_p).sum() == pytest.approx(1, abs=1e-5)
    # the mean, in steps, has 24 bits
    loose = 1e-6 * levels * abs(mean) / (bounded_scale(likelihood, parameters) * (levels - 1))
    np.testing.assert_allclose(log_p, expected, rtol=1e-5, atol=1e-5 + loose)


@pytest.mark.parametrize(("mean", "scale"), [(0.5, 0.3), (0.02, 0.004), (0.9, 1e-9), (8.0, 1.0)])
def test_the_moments_are_those_of_the_levels_to_a_part_of_a_step(mean, scale):
    likelihood = DiscretizedLogistic(256)
    parameters = outputs(mean, scale, 1)
    scale = bounded_scale(likelihood, parameters)
    p, x = np.exp(exact(256, np.float64(np.float32(mean)), scale)), np.arange(256) / 255
    expected = p @ x, p @ (x - p @ x) ** 2
    found = [f.numpy().item() for f in (likelihood(parameters),
             likelihood.distribution(parameters).variance())]  # fmt: skip
    assert found[0] == pytest.approx(expected[0], abs=1e-5 if scale > 1 / 255 else 0.5 / 255)
    assert found[1] == pytest.approx(expected[1], rel=1e-3, abs=0.25 / 255**2)


def test_slopes_are_finite_and_right_in_both_tails():
    likelihood = DiscretizedLogistic(256)
    x = np.float32([[0], [1], [0], [1], [0.2], [0.2], [0.2]])
    mean = np.float32([[50], [-50], [-50], [50], [50], [-50], [0.21]])
    parameters = {"mean": tf.constant(mean), "log_scale": tf.fill(mean.shape, -3.0)}
    with tf.GradientTape() as tape:
        tape.watch(parameters)
        log_p = likelihood.log_prob(x, parameters)
    slopes = tape.gradient(log_p, parameters)
    assert all(np.isfinite(slope).all() for slope in slopes.values())
    scale = bounded_scale(likelihood, {"log_scale": np.float32([[-3.0]])})
    half = 0.5 / 255
    low = np.where(x > 0, (x - half - mean) / scale, -np.inf)
    high = np.where(x < 1, (x + half - mean) / scale, np.inf)
    # d/dm log(sigmoid(b) - sigmoid(a)) = (sigmoid(a) + sigmoid(b) - 1) / scale
    expected = (special.expit(low) - special.expit(-high)) / scale
    np.testing.assert_allclose(slopes["mean"], expected, rtol=1e-4, atol=1e-4)


def test_x_between_two_levels_is_refused():
    levels = np.arange(256, dtype="float32")[:, None] / 255
    likelihood = DiscretizedLogistic()
    likelihood.check(levels)
    DiscretizedLogistic(65536).check((np.arange(65536) / 65535).astype("float32")[:, None])
    for wrong in (levels + 0.5 / 255, np.float32([[0.1]]), levels[1:] - np.float32(1 / 65535)):
        with pytest.raises(DataError, match=r"describes the 256 levels 0, 1/255, 2/255 to 1, and"):
            likelihood.check(wrong)
    with pytest.raises(DataError, match=r"first 17 in row 0: give the levels .* divided by 255"):
        likelihood.check(np.float32([[17.0]]))


def test_the_best_fit_of_16_bits_is_that_of_8_but_for_the_unit():
    rng = np.random.default_rng(0)
    levels = np.rint(np.clip(rng.normal([0.2, 0.5, 0.9], [0.01, 0.1, 0.2], (500, 3)), 0, 1) * 255)
    x = (levels / 255).astype("float32")
    of_8, of_16 = (DiscretizedLogistic(n).fit_without_z(x) for n in (256, 65536))
    np.testing.assert_allclose(of_16["mean"], of_8["mean"], atol=1e-3)
    # the scale of a number that is rounded is a little larger
    np.testing.assert_allclose(of_16["log_scale"], of_8["log_scale"], atol=0.1)


@pytest.mark.parametrize("levels", [0, 1, 65537, 2.5, "256"])
def test_the_number_of_levels_is_from_2_to_65536(levels):
    with pytest.raises(ConfigError, match=r"levels=.*: expected a whole number from 2 to 65536"):
        DiscretizedLogistic(levels)


def test_entries_that_hardly_change_are_fitted_too():
    x = np.zeros((200, 3), "float32")
    x[:3, 1], x[:, 2] = 1.0, 77 / 255
    likelihood = DiscretizedLogistic()
    best = likelihood.fit_without_z(x)
    rows = {name: np.stack([part] * 200) for name, part in best.items()}
    of_entries = np.float64(likelihood.log_prob_of_entries(x, rows)).mean(axis=0)
    assert of_entries[0] > -1e-3
    assert of_entries[1] > -0.21
    assert of_entries[2] > -0.02
