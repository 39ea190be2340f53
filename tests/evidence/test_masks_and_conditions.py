"""Every estimate of log p(x), where entries are missing and where the model is conditional.

x|z, c ~ N(W z + U c + mean, sigma^2 I): log p(x|c) is that of the linear model for x - U c, and
log p(x_observed) that of the rows of W that were observed.
"""

import keras
import numpy as np
import pytest
from evidence.conftest import as_vae, draw, linear_model

from keras_vae import VAE, DataError
from keras_vae.evidence import (
    LinearGaussian,
    annealed_evidence,
    bidirectional_gap,
    evidence_identity,
    importance_gap,
    importance_weighted_bound,
    inference_gaps,
    posterior_grid,
    simulate,
)

EXACT = linear_model([2.0, 1.0])
SHIFT = np.array([[3.0, 0, -2, 1], [0, -4, 1, 0]])  # U^T: (conditions, entries)
CONDITION = np.eye(2, dtype="float32")[np.arange(30) % 2]


def conditional():
    """The linear model with c added in, and an encoder that takes it off again."""
    plain = as_vae(EXACT)
    x, z, c = (keras.Input((n,), name=name) for name, n in (("x", 4), ("z", 2), ("condition", 2)))
    less = keras.layers.Dense(4, use_bias=False)
    more = keras.layers.Dense(4, use_bias=False)
    encoder = keras.Model({"x": x, "condition": c}, plain.encoder(x - less(c)))
    decoder = keras.Model({"z": z, "condition": c}, plain.decoder(z) + more(c))
    less.set_weights([SHIFT])
    more.set_weights([SHIFT])
    return VAE(encoder, decoder, plain.likelihood, seed=0)


@pytest.fixture(scope="module")
def given():
    """(conditional model, x with conditions, log p(x|c))."""
    x = draw(EXACT, 30)
    return (
        conditional(),
        {"x": x + CONDITION @ SHIFT, "condition": CONDITION},
        EXACT.log_evidence(x),
    )


@pytest.fixture(scope="module")
def gaps():
    """(model, x with gaps, log p of what was observed)."""
    x = draw(EXACT, 30)
    masks = np.array([[1, 1, 1, 1], [1, 1, 1, 0], [0, 1, 1, 0]])[np.arange(30) % 3]
    expected = []
    for row, mask in zip(x, masks.astype(bool), strict=True):
        observed = LinearGaussian(EXACT.weights[mask], EXACT.mean[mask], EXACT.variance)
        expected.append(observed.log_evidence(row[mask][None])[0])
    return as_vae(EXACT), {"x": np.where(masks, x, np.nan), "mask": masks}, np.array(expected)


@pytest.mark.parametrize("kind", ["given", "gaps"])
def test_the_evidence_is_the_closed_form(kind, request):
    vae, x, expected = request.getfixturevalue(kind)
    identity = evidence_identity(vae, x)
    assert identity.is_exact
    np.testing.assert_allclose(identity.log_evidence, expected, atol=0.01)
    assert identity.residual.max() < 0.01
    bound = importance_weighted_bound(vae, x, 3000)
    assert (np.abs(bound.bounds[0] - expected) < 5 * bound.standard_error + 0.01).all()
    log_likelihood, error = vae.log_likelihood(x, samples=3000)
    assert (np.abs(log_likelihood - expected) < 5 * error + 0.01).all()
    annealed = annealed_evidence(vae, x, chains=8, steps=30)
    assert (np.abs(annealed.log_evidence - expected) < 6 * annealed.standard_error + 0.02).all()


def test_the_gap_is_that_of_the_model_without_a_condition(given):
    vae, x, expected = given
    found = inference_gaps(vae, x, expected, steps=20, evaluation_samples=400)
    plain = inference_gaps(
        as_vae(EXACT), x["x"] - CONDITION @ SHIFT, expected, steps=20, evaluation_samples=400
    )
    np.testing.assert_allclose(found.inference_gap, plain.inference_gap, atol=1e-3)


def test_examples_that_the_model_draws_have_the_conditions_that_are_given(given):
    vae, _, _ = given
    gap = bidirectional_gap(vae, 20, chains=8, steps=30, conditions=CONDITION[:4])
    np.testing.assert_array_equal(gap.x["condition"], CONDITION[:20])
    assert abs(gap.gap) < 5 * gap.standard_error + 0.05
    drawn = EXACT.log_evidence(gap.x["x"] - CONDITION[:20] @ SHIFT)
    assert (gap.lower < drawn + 0.5).all()
    assert np.mean(importance_gap(vae, 20, 300, conditions=CONDITION)) < 0.2


def test_a_picture_of_one_posterior_is_given_the_condition(given):
    vae, x, _ = given
    one = {name: part[1] for name, part in x.items()}
    for of_condition, of_plain in zip(
        posterior_grid(vae, one), posterior_grid(as_vae(EXACT), x["x"][1] - SHIFT[1]), strict=True
    ):
        np.testing.assert_allclose(of_condition, of_plain, atol=2e-3)


@pytest.mark.parametrize(
    ("conditions", "said"),
    [(CONDITION[:, :1], r"\(30, 1\)"), (CONDITION[0], r"\(2,\)"), (CONDITION * np.nan, "NaN"),
     (None, "no condition was given")],
)  # fmt: skip
def test_conditions_to_draw_examples_with_that_do_not_fit_are_one_line(given, conditions, said):
    with pytest.raises(DataError, match=said) as error:
        simulate(given[0], 4, seed=0, conditions=conditions)
    assert "\n" not in str(error.value)


def test_a_model_that_takes_no_condition_draws_without(gaps):
    with pytest.raises(DataError, match="the model takes none"):
        simulate(gaps[0], 4, seed=0, conditions=CONDITION)
