import pytest

from keras_vae.objectives import OBJECTIVES, Elbo, Objective


def test_an_objective_without_a_loss_says_what_it_must_define():
    with pytest.raises(NotImplementedError, match="Objective must define loss"):
        Objective().loss(None, 1.0)


def test_each_says_of_which_kind_it_is():
    assert {name: kind.kind for name, kind in OBJECTIVES.items() if name != "elbo"} == {
        "iwae": "iwae",
        "beta-tc": "other",
    }
    assert (Elbo().kind, Elbo(capacity=2.0).kind, Objective.kind) == ("elbo", "other", "other")
