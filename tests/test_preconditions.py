import numpy as np
import pytest
from extensions import full_covariance, laplace_prior

from keras_vae import preconditions
from keras_vae.errors import DoesNotApply

X = np.zeros((2, 4), "float32")


class Curved(full_covariance.FullNormal):
    """A family whose z is no affine function of noise."""

    inverse = full_covariance.Posterior.inverse
    has_cheap_log_prob = False


@pytest.fixture(scope="module")
def models(request):
    full = full_covariance.make(X)
    curved = full_covariance.make(X)
    object.__setattr__(curved, "posterior_family", Curved())
    return {"full": full, "curved": curved, "laplace": laplace_prior.make(X)}


@pytest.mark.parametrize(
    ("needed", "passing"),
    [
        ("needs_cheap_log_prob", {"plain", "laplace", "full"}),
        ("needs_diagonal_normal", {"plain", "laplace"}),
        ("needs_inverse", {"plain", "laplace", "full"}),
        ("needs_searchable_posterior", {"plain", "laplace"}),
        ("needs_standard_normal", {"plain"}),
    ],
)
def test_each_passes_the_models_that_have_it_and_names_the_others(
    models, small_vae, needed, passing
):
    needed = getattr(preconditions, needed)
    for name, vae in {**models, "plain": small_vae()}.items():
        reason = preconditions.reason_against(needed, vae)
        assert (reason is None) == (name in passing)
        if reason is not None:
            assert reason.startswith("does not apply: ")
            assert {"full": "FullNormal", "curved": "Curved", "laplace": "Laplace"}[name] in reason
            with pytest.raises(DoesNotApply):
                needed(vae)
