import numpy as np

from keras_vae.export.seeds import latent_seed, pixel_seed


def test_the_seed_of_z_is_the_lower_and_the_upper_half():
    np.testing.assert_array_equal(latent_seed(np.int64(5 + (7 << 32))), [5, 7])
    np.testing.assert_array_equal(latent_seed(np.int64(-1)), [-1, -1])
    np.testing.assert_array_equal(latent_seed(np.int64(2**63 - 1)), [-1, 2**31 - 1])


def test_seeds_that_differ_in_one_bit_anywhere_give_other_pairs():
    seeds = [0, *(1 << bit for bit in range(63)), -(2**63)]
    for pair in (latent_seed, pixel_seed):
        assert len({tuple(pair(np.int64(seed)).numpy()) for seed in seeds}) == len(seeds)


def test_pixels_are_never_drawn_with_the_seed_of_z():
    for seed in range(100):
        assert tuple(pixel_seed(np.int64(seed)).numpy()) != tuple(
            latent_seed(np.int64(seed)).numpy()
        )
