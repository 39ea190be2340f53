import made_trainings
import numpy as np
import pytest

from keras_vae.evidence import posterior_terms


@pytest.mark.slow
def test_the_terms_average_to_the_expectation_under_the_posterior(small_vae, binary_x):
    vae, x = small_vae(), binary_x[:50]
    made_trainings.train(vae, binary_x, epochs=12, batch_size=20)
    distortion, rate = posterior_terms(vae, x, samples=400)
    # Gauss-Hermite quadrature of E_q[-log p(x|z)] in two dimensions, in float64
    nodes, weights = np.polynomial.hermite_e.hermegauss(20)
    weights /= weights.sum()
    nodes = np.stack(np.meshgrid(nodes, nodes), axis=-1).reshape(-1, 1, 2)
    z_mean, z_log_var = (np.asarray(value, "float64") for value in vae.encode(x))
    z = z_mean + np.exp(z_log_var / 2) * nodes  # (nodes, examples, 2)
    logits = np.asarray(vae.decoder(z.reshape(-1, 2).astype("float32")), "float64")
    logits = logits.reshape(*z.shape[:2], -1)
    log_prob = (x * logits - np.logaddexp(0, logits)).sum(axis=-1)
    expected = -np.outer(weights, weights).ravel() @ log_prob
    one_draw = posterior_terms(vae, np.tile(x, (50, 1)), samples=1)[0].reshape(50, 50)
    error = one_draw.std(axis=0, ddof=1) / np.sqrt(400)
    assert (np.abs(distortion - expected) < 4.5 * error + 1e-6).all()
    closed_form = 0.5 * np.sum(np.exp(z_log_var) + z_mean**2 - 1 - z_log_var, axis=1)
    np.testing.assert_allclose(rate, closed_form, rtol=1e-4)
