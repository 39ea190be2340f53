from types import SimpleNamespace

import numpy as np
import pytest

from keras_vae import ConfigError
from keras_vae.objectives import Elbo

TERMS = SimpleNamespace(distortion=np.float32([10, 20, 30]), rate=np.float32([0.5, 2.0, 4.0]))


@pytest.mark.parametrize(
    ("beta", "free_nats", "expected"),
    [
        (1.0, 0.0, [10.5, 22, 34]),
        (4.0, 0.0, [12, 28, 46]),
        (2.0, 3.0, [16, 26, 38]),
        (0.0, 3.0, [10, 20, 30]),
    ],
)
def test_the_loss_is_distortion_plus_beta_times_the_rate_above_the_free_nats(
    beta, free_nats, expected
):
    np.testing.assert_allclose(Elbo(free_nats).loss(TERMS, beta), expected)


@pytest.mark.parametrize("free_nats", [-1, np.nan, np.inf, "1"])
def test_free_nats_that_are_none_are_refused(free_nats):
    with pytest.raises(ConfigError, match="free_nats"):
        Elbo(free_nats)
