import numpy as np
import pytest

from keras_vae.evidence import posterior_terms


@pytest.mark.slow
def test_the_terms_average_to_the_expectation_under_the_posterior(small_vae, binary_x):
    vae, x = small_vae(), binary_x[:50]
    vae.fit(binary_x, epochs=12, batch_size=20, verbose=0)
    distortion, rate = posterior_terms(vae, x, samples=400)
    # Gauss-Hermite quadrature of E_q[-log p(x|z)] in two dimensions, in float64
    nodes, weights = np.polynomial.hermite_e.hermegauss(20)
    weights /= weights.sum()
    z_mean, z_log_var = (np.asarray(value, "float64") for value in vae.encode(x))
    expected = np.zeros(len(x))
    for a, weight_a in zip(nodes, weights, strict=True):
        for b, weight_b in zip(nodes, weights, strict=True):
            z = z_mean + np.exp(z_log_var / 2) * np.array([a, b])
            logits = np.asarray(vae.decoder(z.astype("float32")), "float64")
            log_prob = (x * logits - np.logaddexp(0, logits)).sum(1)
            expected -= weight_a * weight_b * log_prob
    one_draw = posterior_terms(vae, np.tile(x, (50, 1)), samples=1)[0].reshape(50, 50)
    error = one_draw.std(axis=0, ddof=1) / np.sqrt(400)
    assert (np.abs(distortion - expected) < 4.5 * error + 1e-6).all()
    closed_form = 0.5 * np.sum(np.exp(z_log_var) + z_mean**2 - 1 - z_log_var, axis=1)
    np.testing.assert_allclose(rate, closed_form, rtol=1e-4)
