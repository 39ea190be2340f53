import numpy as np
import pytest

from keras_vae.explanations.questions.x import answer


def test_a_new_x_is_encoded_and_the_example_decoded(material, healthy):
    numbers = answer(material).numbers
    mean = healthy.predict(material.one, verbose=0)
    assert numbers["mean_difference"] == pytest.approx(np.abs(material.one - mean).mean(), abs=1e-5)
    new = healthy.sample(1, material.seed)
    np.testing.assert_allclose(numbers["new_z_mean"], healthy.encode(new)[0][0], atol=1e-6)
    np.testing.assert_allclose(
        healthy.decode([numbers["new_z"]]), healthy.generate(1, material.seed), atol=1e-6
    )


def test_a_collapsed_model_is_not_said_to_find_z_again(of_collapsed):
    assert any("has collapsed" in paragraph for paragraph in answer(of_collapsed).paragraphs)
