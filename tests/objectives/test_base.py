import pytest

from keras_vae.objectives import OBJECTIVES, Objective


def test_an_objective_without_a_loss_says_what_it_must_define():
    with pytest.raises(NotImplementedError, match="Objective must define loss"):
        Objective().loss(None, 1.0)


def test_only_the_elbo_asks_for_the_nearest_posterior():
    assert {name for name, kind in OBJECTIVES.items() if kind.maximizes_elbo} == {"elbo"}
    assert not Objective.maximizes_elbo
