import numpy as np
import pytest
from scipy.stats import multivariate_normal

from keras_vae.explanations.questions.autoencoder import answer, share_in_holes, told_of_holes


def test_holes_are_where_the_mixture_of_codes_is_thin():
    rng = np.random.default_rng(0)
    z, z_mean = rng.normal(size=(200, 2)), rng.normal(size=(30, 2))
    z_log_var = np.full((30, 2), -3.0)
    q = np.mean([multivariate_normal(m, np.exp(-3) * np.eye(2)).pdf(z) for m in z_mean], axis=0)
    expected = np.mean(q < multivariate_normal([0, 0]).pdf(z) / 10)
    assert 0 < expected < 1
    assert share_in_holes(z, z_mean, z_log_var) == pytest.approx(expected)
    assert share_in_holes(z, np.zeros((1, 2)), np.zeros((1, 2))) == 0  # q(z) is the prior


def test_it_compares_with_beta_0_and_beta_0_with_beta_1(material, make_vae, material_of, sharing):
    own = answer(material).numbers
    assert list(own["holes"]) == ["this model", "beta = 0"]
    assert own["rate"]["beta = 0"] > own["rate"]["this model"]
    elbo = -(material.rate + material.distortion)
    difference = elbo - material.companions.of(0.0).elbo
    assert own["elbo_gain_of_vae"] == pytest.approx(difference.mean())
    autoencoder = sharing(material_of(make_vae(epochs=0, beta=0.0)))
    found = answer(autoencoder)
    assert list(found.numbers["holes"]) == ["this model", "beta = 1"]
    assert any("IS an autoencoder" in paragraph for paragraph in found.paragraphs)


def test_holes_are_compared_only_where_they_can_tell():
    shares = ((0.2, 0.8), (0.8, 0.2), (0.5, 0.51), (0.99, 1.0))
    assert len({told_of_holes(*pair) for pair in shares}) == 4
