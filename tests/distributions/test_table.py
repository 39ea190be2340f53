import pytest

from keras_vae import ConfigError
from keras_vae.distributions import LIKELIHOODS, Gaussian, Likelihood
from keras_vae.distributions.table import from_table


def test_a_name_gives_a_new_instance_and_an_instance_itself():
    first, second = (
        from_table(LIKELIHOODS, "gaussian", "likelihood", Likelihood) for _ in range(2)
    )
    assert isinstance(first, Gaussian)
    assert first is not second
    assert from_table(LIKELIHOODS, first, "likelihood", Likelihood) is first


def test_what_is_neither_a_name_nor_an_instance_is_refused():
    for value in (None, Gaussian, lambda parameters: parameters):
        with pytest.raises(ConfigError, match="or an instance of a class that derives from Like"):
            from_table(LIKELIHOODS, value, "likelihood", Likelihood)


def test_an_unknown_name_lists_the_known_ones():
    names = ", ".join(LIKELIHOODS)
    with pytest.raises(ValueError, match=f"unknown likelihood 'cauchy': expected one of {names}"):
        from_table(LIKELIHOODS, "cauchy", "likelihood", Likelihood)
