import pytest

from keras_vae.distributions import PRIORS, Prior


def test_a_prior_says_what_it_must_define():
    with pytest.raises(NotImplementedError, match="Prior must define distribution"):
        Prior().distribution(2)


@pytest.mark.parametrize("name", PRIORS)
def test_each_is_one_distribution_of_d_latents_that_knows_its_moments(name):
    prior = PRIORS[name]().distribution(3)
    assert (prior.batch_shape, prior.event_shape) == ((), (3,))
    assert prior.mean().shape == prior.stddev().shape == (3,)
