import pytest

from keras_vae import Config, ConfigError, RunError, load_data
from keras_vae.distributions import Bernoulli
from keras_vae.studies.check import check
from keras_vae.studies.plan import plan_of
from keras_vae.studies.protocol import protocol_of

DIGITS = Config(data="digits", hidden=(8,))


def test_it_says_what_the_figures_are_of_and_each_warning_once():
    found = check(plan_of(DIGITS, {"binarize": ["dynamic", "static"]}))
    seen = protocol_of(load_data("digits").as_binarized("dynamic"), Bernoulli(), "test")
    assert found["sha256"] == seen.sha256
    assert found["gpus"] == 0
    assert len(found["warnings"]) == len(set(found["warnings"])) == 1  # of left over examples


def test_what_only_the_data_can_tell_is_refused_with_its_configuration():
    with pytest.raises(ConfigError, match=r"^likelihood columns: --likelihood columns is for"):
        check(plan_of(DIGITS, {"likelihood": ["bernoulli", "columns"]}))


def test_configurations_whose_figures_would_not_compare_are_refused():
    with pytest.raises(RunError, match=r"^binarize static and binarize threshold are of different"):
        check(plan_of(DIGITS, {"binarize": ["static", "threshold"]}))
