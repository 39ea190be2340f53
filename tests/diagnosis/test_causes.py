import pytest
from diagnosis.made_findings import NAMES, examined

from keras_vae.diagnosis import causes
from keras_vae.diagnosis.diagnose import STOPS
from keras_vae.diagnosis.finding import ERROR, INFO, UNDETERMINED, WARNING


def reasons(diagnosis):
    return {finding.name: finding.follows_from for finding in diagnosis.findings}


def test_the_worst_comes_first_and_then_the_earliest():
    diagnosis = examined(
        splits_differ=WARNING,
        lattice_data_under_density=INFO,
        nonfinite_data=UNDETERMINED,
        noise_missing=ERROR,
        gray_data_under_bernoulli=ERROR,
        noise_repeated=UNDETERMINED,
        duplicates_across_splits=ERROR,
    )
    names = [finding.name for finding in diagnosis.findings]
    assert names == [
        # errors, by stage and, within one, in the order of the rules
        "gray_data_under_bernoulli",
        "duplicates_across_splits",
        "splits_differ",
        "lattice_data_under_density",
        "nonfinite_data",
        "noise_repeated",
        # an error that follows from another comes after all that do not
        "noise_missing",
    ]
    assert [cause.name for cause in diagnosis.causes] == [
        "gray_data_under_bernoulli",
        "duplicates_across_splits",
        "splits_differ",
    ]


def test_an_error_explains_what_is_found_in_later_stages():
    diagnosis = examined(
        gray_data_under_bernoulli=ERROR,
        kl_underweighted=ERROR,
        prior_hole=WARNING,
        spare_latents=INFO,
    )
    assert reasons(diagnosis) == {
        "gray_data_under_bernoulli": None,
        "kl_underweighted": "gray_data_under_bernoulli",
        "prior_hole": "gray_data_under_bernoulli",
        "spare_latents": "gray_data_under_bernoulli",
    }


def test_an_error_explains_nothing_of_its_own_stage_or_an_earlier_one():
    diagnosis = examined(noise_missing=ERROR, noise_repeated=ERROR, splits_differ=WARNING)
    assert set(reasons(diagnosis).values()) == {None}


@pytest.mark.parametrize(
    ("cause", "consequence", "severity"),
    [
        ("encoder_is_random", "noise_scale_wrong", ERROR),
        ("encoder_is_random", "training_mode_differs", ERROR),
        ("rate_formula_wrong", "loss_drops_a_term", ERROR),
        ("encoder_constant", "decoder_constant", ERROR),
        ("distortion_averaged", "kl_overweighted", ERROR),
        ("rate_averaged", "kl_underweighted", ERROR),
        ("warmup_unfinished", "kl_underweighted", ERROR),
        ("noise_repeated", "noise_scale_wrong", ERROR),
        ("latent_blow_up", "encoder_unsettled", WARNING),
        ("lagging_encoder", "undertrained", WARNING),
        ("undertrained", "encoder_unsettled", WARNING),
        ("undertrained", "decoder_ignores_z", ERROR),
        # the other way round by their stages; neither may explain the other
        ("undertrained", "sigma_too_large", WARNING),
        ("undertrained", "sigma_too_small", WARNING),
        ("decoder_constant", "sigma_too_large", ERROR),
    ],
)
def test_what_is_the_same_thing_is_told_once_within_a_stage(cause, consequence, severity):
    assert reasons(examined(**{cause: severity, consequence: severity})) == {
        cause: None,
        consequence: cause,
    }


def test_an_averaged_distortion_explains_the_weight_and_the_collapse():
    diagnosis = examined(distortion_averaged=ERROR, kl_overweighted=ERROR, collapsed=ERROR)
    assert reasons(diagnosis) == {
        "distortion_averaged": None,
        "kl_overweighted": "distortion_averaged",
        "collapsed": "distortion_averaged",
    }
    assert [cause.name for cause in diagnosis.causes] == ["distortion_averaged"]


def test_a_weight_that_was_asked_for_explains_a_collapse_though_it_is_no_error():
    diagnosis = examined(kl_overweighted=WARNING, collapsed=ERROR)
    assert reasons(diagnosis)["collapsed"] == "kl_overweighted"


def test_a_warning_of_the_training_explains_a_warning_but_no_error():
    diagnosis = examined(undertrained=WARNING, approximation_gap=WARNING, collapsed=ERROR)
    assert reasons(diagnosis) == {
        "undertrained": None,
        "approximation_gap": "undertrained",
        "collapsed": None,
    }


def test_a_warning_about_the_data_explains_nothing():
    diagnosis = examined(splits_differ=WARNING, overfitting=WARNING, collapsed=ERROR)
    assert set(reasons(diagnosis).values()) == {None}


@pytest.mark.parametrize(
    "name",
    ["duplicates_across_splits", "export_drift", "bound_estimator_wrong", "objectives_differ"],
)
def test_what_falsifies_only_a_figure_explains_nothing(name):
    diagnosis = examined(**{name: ERROR, "undertrained": WARNING, "collapsed": ERROR})
    assert set(reasons(diagnosis).values()) == {None}


def test_inference_is_the_end_of_a_chain():
    diagnosis = examined(prior_hole=WARNING, approximation_gap=WARNING, spare_latents=INFO)
    assert set(reasons(diagnosis).values()) == {None}


@pytest.mark.parametrize("name", ["warmup_unfinished", "duplicates_across_splits"])
def test_what_stands_in_options_or_data_follows_from_nothing(name):
    diagnosis = examined(**{"data_out_of_range": ERROR, name: ERROR})
    assert reasons(diagnosis)[name] is None


def test_what_is_undetermined_explains_nothing_and_follows_from_nothing():
    diagnosis = examined(
        distortion_averaged=UNDETERMINED, kl_overweighted=ERROR, collapsed=UNDETERMINED
    )
    assert set(reasons(diagnosis).values()) == {None}


def test_information_explains_nothing():
    assert reasons(examined(objective_is_importance_weighted=INFO, prior_hole=WARNING)) == {
        "objective_is_importance_weighted": None,
        "prior_hole": None,
    }


def test_no_finding_follows_from_one_that_follows_from_it():
    names = set(NAMES) - STOPS
    reason = reasons(examined(**dict.fromkeys(names, ERROR)))
    assert set(reason) == names
    for name in reason:
        chain = [name]
        while reason[chain[-1]] is not None:
            chain.append(reason[chain[-1]])
            assert len(set(chain)) == len(chain), chain


def test_causes_and_consequences_are_rules():
    mentioned = {*causes.EXPLAINS, *causes.EXPLAINS_NOTHING, *causes.NEVER_FOLLOWS, *STOPS}
    mentioned.update(*causes.EXPLAINS.values())
    assert mentioned <= set(NAMES)
