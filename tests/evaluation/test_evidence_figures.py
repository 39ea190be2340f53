import numpy as np

from keras_vae.evaluation import evidence_figures
from keras_vae.evidence import SampledSurgery
from keras_vae.measures import elbo_surgery


def test_a_gap_on_simulated_data_is_a_doubt_only_where_it_is_sure():
    assert evidence_figures._simulated_doubts(np.zeros(50)) == []
    unsure = np.r_[np.zeros(49), 30.0]
    assert evidence_figures._simulated_doubts(unsure) == []
    (doubt,) = evidence_figures._simulated_doubts(np.tile([0.9, 1.1], 25))
    assert "on 50 examples" in doubt
    assert "1.00 ± 0.01 nats higher" in doubt


def test_the_two_kinds_of_surgery_share_their_figures_but_for_what_one_alone_has():
    exact = elbo_surgery(np.eye(3), np.zeros((3, 3)))
    sampled = SampledSurgery(2.0, 0.1, 0.5, 0.1, 1.5, 0.2, *np.ones((4, 3)), examples=3, samples=9)
    is_active = np.array([True, False, True])
    of_exact, of_sampled = (
        evidence_figures.surgery_figures(surgery, is_active) for surgery in (exact, sampled)
    )
    assert set(of_exact) - set(of_sampled) == {"latent_rates"}
    assert set(of_sampled) - set(of_exact) == {
        "rate_standard_error", "samples", "prior_mean", "prior_variance",
    }  # fmt: skip
    assert of_exact["active_units"] == of_sampled["active_units"] == 2
    assert (of_sampled["rate"], of_sampled["marginal_kl_standard_error"]) == (2.0, 0.2)
