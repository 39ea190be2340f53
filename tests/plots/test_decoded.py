import numpy as np
import pytest

from keras_vae.plots import decoded


def test_images_keep_their_order_and_claim_no_prior(assert_legible, all_text):
    images = np.random.default_rng(0).random((3, 8, 8))
    figure = decoded(images)
    assert_legible(figure)
    shown = figure.axes[0].images[0].get_array()
    np.testing.assert_array_equal(shown[1:9, 11:19], images[1])
    np.testing.assert_array_equal(shown[11:19, 1:9], images[2])
    assert "Means of p(x|z) at the given latents" in all_text(figure)
    assert "prior" not in all_text(figure)


def test_refuses_nan():
    with pytest.raises(ValueError, match="images holds NaN or infinity"):
        decoded(np.full((3, 8, 8), np.nan))
