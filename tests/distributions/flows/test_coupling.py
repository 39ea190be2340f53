import made_families
import numpy as np
import pytest

from keras_vae.distributions.flows import Coupling


def made(d, first):
    coupling = Coupling(8, first, seed=1)
    coupling.build((None, d))
    return made_families.moved(coupling, 0.5)


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("d", [1, 2, 5])
def test_every_second_latent_changes_and_the_inverse_undoes_it(d, first):
    coupling = made(d, first)
    u = np.random.default_rng(0).normal(size=(30, d)).astype("float32")
    z, log_det = coupling(u)
    changes = np.abs(z - u).max(axis=0) > 1e-3
    expected = np.arange(d) % 2 == (first if d > 1 else 0)
    np.testing.assert_array_equal(changes, expected)
    back, back_log_det = coupling.inverse(z)
    np.testing.assert_allclose(back, u, atol=1e-4)
    np.testing.assert_allclose(back_log_det, -np.asarray(log_det), rtol=1e-4, atol=1e-5)


def test_the_volume_is_that_of_the_map_by_finite_differences():
    coupling, step = made(3, 0), 1e-2
    u = np.float32([[0.2, -0.4, 1.1]])
    moves = np.concatenate([u + step * np.eye(3), u - step * np.eye(3)]).astype("float32")
    z = np.asarray(coupling(moves)[0], "float64")
    jacobian = (z[:3] - z[3:]) / (2 * step)
    expected = np.linalg.slogdet(jacobian)[1]
    assert float(coupling(u)[1][0]) == pytest.approx(expected, abs=2e-3)
