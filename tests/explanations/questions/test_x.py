import numpy as np
import pytest

from keras_vae.explanations.questions.x import answer, told_of_found


def test_a_new_x_is_encoded_and_the_example_decoded(material, healthy):
    numbers = answer(material).numbers
    mean = healthy.predict(material.one, verbose=0)
    assert numbers["mean_difference"] == pytest.approx(np.abs(material.one - mean).mean(), abs=1e-5)
    new, z = healthy.sample(200, material.seed), healthy.prior.distribution(2).sample(200, (0, 0))
    np.testing.assert_allclose(healthy.decode(z), healthy.generate(200, material.seed), atol=1e-6)
    z_mean, z_log_var = healthy.encode(new)
    within = ((z - z_mean) / np.exp(z_log_var / 2)) ** 2 < 4
    assert numbers["found_again"] == pytest.approx(np.mean(within))


def test_what_is_found_again_is_told_with_its_error():
    assert len({told_of_found(share, 0.01, 3.0) for share in (0.7, 0.95, 0.999)}) == 3
    assert told_of_found(0.95, 0.01, 0.0) != told_of_found(0.95, 0.01, 3.0)


def test_a_collapsed_model_is_not_said_to_find_z_again(of_collapsed):
    assert any("has collapsed" in paragraph for paragraph in answer(of_collapsed).paragraphs)
