from keras_vae.data.sources.block_and_window import block_and_window


def test_a_window_has_about_a_thousand_blocks_of_at_most_16_kib():
    for size in (1, 32, 784, 1_000, 16_000):
        block, window = block_and_window(size)
        assert block * size <= 16 * 2**10
        assert window * size <= 16 * 2**20
        assert 1_000 <= window / block < 1_100
    assert block_and_window(200_000) == (1, 83)
    assert block_and_window(10**9) == (1, 1)
