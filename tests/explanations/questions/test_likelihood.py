import numpy as np
from reference import bernoulli_log_prob

from keras_vae.explanations.questions.likelihood import answer, listens


def test_the_likelihood_is_that_of_numpy_at_the_code_and_elsewhere(material, healthy):
    found = answer(material)
    logits = healthy.decoder.predict(np.array(found.numbers["z"], "float32"), verbose=0)
    expected = bernoulli_log_prob(material.one[0], logits).sum(axis=1)
    np.testing.assert_allclose(found.numbers["log_likelihood"], expected, atol=1e-4)
    assert found.figure.axes


def test_a_decoder_that_ignores_z_is_said_to(of_collapsed, of_five_latents):
    assert any(
        "nearly the same p(x|z)" in paragraph for paragraph in answer(of_collapsed).paragraphs
    )
    assert answer(of_five_latents).figure.axes  # a line in place of the plane


def test_half_a_nat_is_where_a_decoder_begins_to_listen():
    assert listens([-10.0, -10.6])
    assert not listens([-10.0, -10.4, -10.2])
