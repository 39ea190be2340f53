import numpy as np
import pytest

from keras_vae.measures import shuffle_gap


def test_a_decoder_that_ignores_z_loses_nothing():
    x = np.random.default_rng(0).standard_normal((50, 3))
    gap, error = shuffle_gap(x, lambda z: np.sum(x**2, axis=1))
    assert (gap, error) == (0, 0)


def test_a_decoder_that_copies_z_loses_the_distance_of_two_examples():
    x = np.random.default_rng(0).standard_normal((4000, 3))
    gap, error = shuffle_gap(x, lambda z: np.sum((x - z) ** 2, axis=1) / 2)
    # E |x - x'|^2 / 2 = d for two independent standard normals
    assert abs(gap - 3) < 4 * error
    # its variance is 2 d, that of half a chi-squared times 2 with d degrees of freedom
    assert error == pytest.approx(np.sqrt(2 * 3 / 4000), rel=0.1)


@pytest.mark.parametrize("count", [2, 3, 10])
def test_no_example_keeps_its_own(count):
    z = np.arange(count)[:, None]
    for seed in range(20):
        got = []
        shuffle_gap(z, lambda given, got=got: got.append(given) or np.zeros(count), seed)
        shuffled, own = got
        assert not (shuffled == z).any()
        assert sorted(shuffled[:, 0]) == list(range(count))
        np.testing.assert_array_equal(own, z)


def test_lists_are_taken_too():
    z = np.random.default_rng(0).standard_normal((50, 3))

    def distortion(given):
        return np.sum((z - given) ** 2, axis=1)

    assert shuffle_gap(z.tolist(), distortion) == shuffle_gap(z, distortion)
