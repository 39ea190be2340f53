import importlib

import numpy as np
import pytest
from scipy import stats

from keras_vae.evidence import posterior_grid


@pytest.mark.parametrize("strengths", [[2.0, 1.0], [60.0, 20.0]])
def test_the_linear_model_has_a_normal_posterior(linear, strengths):
    model = linear(strengths)
    x = model.draw(2)
    for one, mean in zip(x, model.exact.posterior_mean(x), strict=True):
        nodes_1, nodes_2, log_posterior = posterior_grid(model.vae, one)
        z = np.stack(np.meshgrid(nodes_1, nodes_2, indexing="ij"), axis=-1)
        covariance = np.linalg.inv(model.exact.posterior_precision)
        expected = stats.multivariate_normal(mean, covariance).logpdf(z)
        is_likely = expected > expected.max() - 8
        assert is_likely.sum() > 300  # nodes enough for contours
        np.testing.assert_allclose(log_posterior[is_likely], expected[is_likely], atol=0.02)
        # q(z|x) is in sight as well
        std = 1 / np.sqrt(np.diag(model.exact.posterior_precision))
        for nodes, middle, reach in zip((nodes_1, nodes_2), mean, std, strict=True):
            assert nodes[0] < middle - 2 * reach < middle + 2 * reach < nodes[-1]


@pytest.mark.parametrize("strengths", [[2.0, 1.0], [60.0, 20.0]])
def test_the_rectangle_is_made_smaller_only_while_it_shrinks(linear, strengths, monkeypatch):
    module = importlib.import_module("keras_vae.evidence.posterior_grid")
    sides, log_joint = [], module._log_joint

    def recorded(vae, x, lines):
        sides.append(np.ptp(lines, axis=1))
        return log_joint(vae, x, lines)

    monkeypatch.setattr(module, "_log_joint", recorded)
    model = linear(strengths)
    posterior_grid(model.vae, model.draw(1)[0])
    assert len(sides) <= 4
    shrunk = np.array(sides[1:]) / np.array(sides[:-1])
    assert (shrunk.min(axis=1) < module.FILLED).all()


def test_a_q_far_from_the_posterior_is_in_sight(linear):
    model = linear([20.0, 10.0])
    kernel, bias, *rest = model.vae.encoder.get_weights()
    model.vae.encoder.set_weights([kernel, bias + 3.0, *rest])
    x = model.draw(1)
    nodes_1, nodes_2, _ = posterior_grid(model.vae, x[0])
    z_mean, mean = model.vae.encode(x)[0][0], model.exact.posterior_mean(x)[0]
    for nodes, ours, true in zip((nodes_1, nodes_2), z_mean, mean, strict=True):
        assert nodes[0] < min(ours, true) < max(ours, true) < nodes[-1]
