import numpy as np
import pytest
from keras import activations

from keras_vae import DoesNotApply
from keras_vae.distributions import soft_bound
from keras_vae.reports.packed import packed
from keras_vae.reports.steps import ACTIVATIONS, OPERATIONS, Steps

X = np.linspace(-4, 4, 33, dtype="float32")[None]


def in_page(decoded_by_page, steps, *given):
    """The last value of steps, computed by the page."""
    decoder = {
        "steps": steps.steps,
        "inputs": steps.inputs,
        "weights": [packed(weight, "float32") for weight in steps.weights],
    }
    return decoded_by_page(decoder, *given)


@pytest.mark.parametrize("name", ["linear", *ACTIVATIONS])
def test_an_activation_is_that_of_keras_here_and_in_the_page(name, decoded_by_page):
    steps = Steps(inputs=1)
    value = steps.activation(name, 0)
    if name == "linear":
        assert (value, steps.steps) == (0, [])
        return
    expected = np.asarray(getattr(activations, name)(X))
    np.testing.assert_allclose(steps.run(X), expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(in_page(decoded_by_page, steps, X), expected, rtol=1e-5, atol=1e-6)


def test_an_unknown_activation_is_refused():
    for name in ("gelu", {"module": "own"}):
        with pytest.raises(DoesNotApply, match="activation"):
            Steps(inputs=1).activation(name, 0)


def one_of_each():
    """Every operation that is not an activation, on values of 4 entries."""
    rng = np.random.default_rng(0)
    steps = Steps(inputs=2)
    dense = steps.add("dense", 0, weights=[rng.normal(size=(4, 4)), rng.normal(size=4)])
    scaled = steps.add("scaled", dense, weights=[rng.normal(size=4), rng.normal(size=4)])
    large = steps.add("scaled", 0, weights=[[9] * 4, [0] * 4])
    ends = [
        scaled,
        steps.add("taken", scaled, places=[3, 1, 0, 2]),
        steps.add("shares", scaled, 1, center=2.0, scale=0.5),
        steps.add("bounded", large, low=-2.0, high=3.0),
        steps.add("with_zeros", scaled, 0),
        steps.add("continuous_bernoulli", 0),
        steps.add("clipped_logistic", scaled, 0, last=15.0, low=-5.0, high=2.0),
        steps.add("modes", scaled, sizes=[3, 1]),
        steps.add("ordinal_modes", 0, weights=[[[-1, 0.5], [0, 9], [-1, 1], [-3, 3]]],
                  sizes=[3, 2, 3, 3]),
    ]  # fmt: skip
    steps.add("joined", *ends)
    return steps


def test_every_operation_gives_the_same_in_the_page(decoded_by_page):
    steps = one_of_each()
    used = {step["op"] for step in steps.steps}
    assert used | ACTIVATIONS.keys() == OPERATIONS.keys()
    rng = np.random.default_rng(1)
    z, condition = rng.normal(size=(50, 4)), rng.normal(size=(50, 2))
    z[0] = 0  # where some have a limit of their own
    here = steps.run(z, condition)
    there = in_page(decoded_by_page, steps, z, condition)
    np.testing.assert_allclose(there, here, rtol=1e-4, atol=1e-5)


def test_the_bound_is_that_of_the_likelihoods():
    steps = Steps(inputs=1)
    steps.add("bounded", 0, low=-2.0, high=3.0)
    np.testing.assert_allclose(steps.run(X), soft_bound(X, -2.0, 3.0), rtol=1e-5, atol=1e-6)


def test_other_weights_take_the_place_of_the_first():
    steps = Steps(inputs=1)
    steps.add("dense", 0, weights=[np.eye(2), np.zeros(2)])
    doubled = steps.with_weights([2 * np.eye(2), np.ones(2)])
    np.testing.assert_array_equal(doubled.run(np.array([[1.0, 2.0]])), [[3, 5]])
    np.testing.assert_array_equal(steps.run(np.array([[1.0, 2.0]])), [[1, 2]])
