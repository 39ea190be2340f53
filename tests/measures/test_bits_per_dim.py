import math

import pytest

from keras_vae.measures import bits_per_dim


@pytest.mark.parametrize("event_shape", [(5,), (28, 28), (8, 8, 3)])
def test_a_fair_coin_for_each_entry_costs_one_bit_a_dimension(event_shape):
    elbo = math.prod(event_shape) * math.log(0.5)
    assert bits_per_dim(elbo, event_shape) == pytest.approx(1.0)


def test_twice_as_many_nats_are_twice_as_many_bits():
    assert bits_per_dim(-90.0, (28, 28)) == pytest.approx(90.0 / 784 * math.log2(math.e))
    assert bits_per_dim(-180.0, (28, 28)) == pytest.approx(180.0 / 784 * math.log2(math.e))
