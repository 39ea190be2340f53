import numpy as np
import pytest
from extensions.laplace_prior import Laplace
from made_models import constant_encoder
from reference import kl_from_standard_normal

import keras_vae
from keras_vae.explanations.questions.formula import answer, kl_of_latents
from keras_vae.networks import mlp_decoder


def test_the_formula_is_that_of_numpy_and_adds_up_to_the_rate(material, healthy):
    numbers = answer(material).numbers
    z_mean, z_log_var = healthy.encode(material.one)
    expected = kl_from_standard_normal(z_mean[0], z_log_var[0])
    assert sum(numbers["kl_of_latents"]) == pytest.approx(expected, rel=1e-4)
    assert numbers["rate"] == pytest.approx(expected, rel=1e-4)
    # the mistake: exp(z_log_var / 2), the standard deviation, in place of the variance
    wrong = kl_from_standard_normal(z_mean[0], z_log_var[0] / 2)
    assert numbers["with_std_in_place_of_variance"] == pytest.approx(wrong, rel=1e-4)


def test_it_is_zero_at_the_prior_only():
    assert kl_of_latents(np.array([0.0]), np.array([1.0])) == 0
    assert (kl_of_latents(np.array([0.1, 0.0, 0.0]), np.array([1.0, 0.9, 1.1])) > 0).all()


def test_at_the_prior_no_difference_is_claimed(of_collapsed, material):
    words = "no difference"
    assert any(words in paragraph for paragraph in answer(of_collapsed).paragraphs)
    assert not any(words in paragraph for paragraph in answer(material).paragraphs)


def test_a_prior_of_another_kind_has_no_such_formula(material_of):
    encoder = constant_encoder([0.5, 0.0], [-1.0, 0.0], event_shape=(8,))
    vae = keras_vae.VAE(encoder, mlp_decoder((8,), 2, (4,)), prior=Laplace(), seed=0)
    found = answer(material_of(vae))
    assert "does not apply" in found.numbers["does_not_apply"]
    assert "kl_of_latents" not in found.numbers
