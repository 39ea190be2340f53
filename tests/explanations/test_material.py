import numpy as np
import pytest
from reference import bernoulli_log_prob, kl_from_standard_normal, normal_log_density

from keras_vae.explanations import material as module


def test_the_example_that_is_followed_comes_first_and_once(material_of, healthy, dataset):
    material = material_of(healthy, example=5)
    np.testing.assert_array_equal(material.x[0], dataset.test.x[5])
    assert sorted(material.rows) == list(range(len(dataset.test)))
    assert material.labels[0] == dataset.test.labels[5]
    np.testing.assert_array_equal(material.one, material.few[:1])


def test_log_densities_at_any_z_are_those_of_numpy(material, healthy):
    z = np.random.default_rng(0).normal(size=(7, 2))
    logits = healthy.decoder.predict(z.astype("float32"), verbose=0)
    likelihood = bernoulli_log_prob(material.one[0], logits).sum(axis=1)
    prior = normal_log_density(z, 0, 0).sum(axis=1)
    z_mean, z_log_var = healthy.encode(material.one)
    q = normal_log_density(z, z_mean[0], z_log_var[0]).sum(axis=1)
    np.testing.assert_allclose(material.log_likelihood(z), likelihood, atol=1e-4)
    np.testing.assert_allclose(material.log_joint(z), likelihood + prior, atol=1e-4)
    np.testing.assert_allclose(material.log_prior(z), prior, atol=1e-5)
    np.testing.assert_allclose(material.log_q(z), q, atol=2e-3)


def test_the_rate_is_the_closed_formula_and_the_identity_that_of_the_grid(material, healthy, grid):
    np.testing.assert_allclose(
        material.rate, kl_from_standard_normal(*healthy.encode(material.x)), rtol=1e-4
    )
    assert material.log_evidence[0] == pytest.approx(grid.log_evidence, abs=0.01)
    assert material.identity.posterior_kl[0] == pytest.approx(grid.gap, abs=0.01)


def test_above_three_latents_log_p_is_a_bound(of_five_latents):
    assert not of_five_latents.has_quadrature
    assert of_five_latents.method == f"L_{module.KS[-1]}, a lower bound"
    assert of_five_latents.log_evidence[0] == of_five_latents.importance.bounds[-1, 0]


def test_the_loss_is_a_bound_with_beta_1_and_no_free_nats(material, make_vae, material_of):
    assert material.bounds
    other = make_vae(epochs=0, beta=4.0)
    assert not material_of(other).bounds
    free = material_of(make_vae(epochs=0))
    free.vae.objective.free_nats = 1.0
    assert not free.bounds


def test_data_without_labels_or_split_have_none(unlabelled):
    assert unlabelled.labels is None
    assert unlabelled.split == "all"
    assert "class" not in unlabelled.name
