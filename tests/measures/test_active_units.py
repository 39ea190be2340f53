import numpy as np
import pandas

from keras_vae.measures import active_units


def codes_with_variances(*variances):
    """(100, d) codes, half at +sqrt(v) and half at -sqrt(v): variance v to the last digit."""
    signs = np.repeat([[1.0], [-1.0]], 50, axis=0)
    return signs * np.sqrt(variances)


def test_a_latent_is_active_if_its_mean_varies_by_more_than_a_hundredth():
    z_mean = codes_with_variances(0.0, 0.0099, 0.0101, 4.0)
    assert active_units(z_mean).tolist() == [False, False, True, True]


def test_the_threshold_can_be_chosen():
    z_mean = codes_with_variances(0.9, 1.1)
    assert active_units(z_mean, threshold=1.0).tolist() == [False, True]


def test_a_constant_code_far_from_zero_is_not_active():
    # a mean that is summed up in float32 misses these by enough to look like variance
    z_mean = np.full((100_000, 2), [0.1, 1000.3], dtype="float32")
    assert not active_units(z_mean).any()


def test_a_large_offset_does_not_hide_a_small_variance():
    z_mean = (1e4 + codes_with_variances(0.25, 0.0025)).astype("float32")
    assert active_units(z_mean).tolist() == [True, False]


def test_a_table_is_taken_too():
    assert active_units(pandas.DataFrame(codes_with_variances(0.0, 4.0))).tolist() == [False, True]
