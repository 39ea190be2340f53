import dataclasses
import json

import pytest

from keras_vae import (
    Config,
    ConfigError,
    choices,
    data,
    distributions,
    networks,
    objectives,
)

WHOLE_FROM_1 = "a whole number of at least 1"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("latent", 0, WHOLE_FROM_1),
        ("latent", -1, WHOLE_FROM_1),
        ("epochs", 0, WHOLE_FROM_1),
        ("batch_size", 0, WHOLE_FROM_1),
        ("patience", 0, WHOLE_FROM_1),
        ("hidden", (), "widths of at least 1"),
        ("hidden", (64, 0), "widths of at least 1"),
        ("network", "transformer", "one of mlp, gated_mlp, conv, resnet"),
        ("likelihood", "laplace", "one of bernoulli, gaussian, diagonal_gaussian"),
        ("binarize", "always", "one of dynamic, static, threshold, none"),
        ("beta", -0.1, "at least 0"),
        ("beta", float("inf"), "finite"),
        ("beta", float("nan"), "finite"),
        ("warmup", -0.1, "[0, 1)"),
        ("warmup", 1.0, "[0, 1)"),
        ("free_nats", -1.0, "at least 0"),
        ("free_nats", float("inf"), "finite"),
        ("learning_rate", 0.0, "above 0"),
        ("learning_rate", float("nan"), "above 0"),
        ("learning_rate", float("inf"), "above 0"),
        ("seed", -1, "[0, 2**31)"),
        ("seed", 2**31, "[0, 2**31)"),
    ],
)
def test_a_value_out_of_range_is_refused_with_its_name_and_what_was_expected(name, value, expected):
    with pytest.raises(ConfigError) as caught:
        Config(**{name: value})
    message = str(caught.value)
    assert message.startswith(f"{name}={value!r}: expected ")
    assert expected in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("latent", 2.5),
        ("epochs", 1.5),
        ("batch_size", 64.5),
        ("patience", 1.5),
        ("hidden", (64.5,)),
        ("seed", 0.5),
    ],
)
def test_a_fraction_is_refused_where_a_whole_number_is_expected(name, value):
    with pytest.raises(ConfigError, match=name):
        Config(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("latent", "2"),
        ("hidden", 512),
        ("hidden", "512"),
        ("beta", "1"),
        ("ignore", "a"),
        ("label_column", 3),
        ("columns", {"a": "real"}),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_by_name(name, value):
    with pytest.raises(ConfigError, match=name):
        Config(**{name: value})


@pytest.mark.parametrize(
    "edge",
    [
        {"latent": 1, "epochs": 1, "batch_size": 1, "patience": 1, "hidden": (1,)},
        {"beta": 0.0, "warmup": 0.0, "free_nats": 0.0, "seed": 0},
        {"size": 1, "gray": True, "alpha": "keep", "channels": "first"},
        {"columns": "s.toml", "label_column": "y", "ignore": ("a", "b"), "split_by": "g"},
        {"seed": 2**31 - 1, "warmup": 0.999, "beta": 100.0},
    ],
)
def test_the_edges_of_each_range_are_accepted_and_kept(edge):
    accepted = Config(**edge)
    assert {name: getattr(accepted, name) for name in edge} == edge


def test_a_config_comes_back_from_json_as_it_was():
    written = Config(
        data="some/folder",
        hidden=[64, 32],
        binarize="static",
        beta=0.5,
        warmup=0.25,
        patience=3,
        seed=7,
        tensorboard=True,
        ignore=["a", "b"],
        split_order="day",
    )
    read = Config.from_dict(json.loads(json.dumps(written.to_dict())))
    assert read == written
    assert read.hidden == (64, 32)
    assert read.reading["ignore"] == ("a", "b")
    assert read.reading["split_order"] == "day"


def test_rows_are_split_by_one_column():
    with pytest.raises(ConfigError, match="split_by and split_order"):
        Config(split_by="a", split_order="b")
    with pytest.raises(ConfigError, match="split_column and split_by"):
        Config(split_column="a", split_by="b", window=5)
    of_series = Config(split_by="a", split_order="b", window=5, stride=2)  # orders within groups
    assert (of_series.reading["window"], of_series.reading["stride"]) == (5, 2)
    for wrong in ({"window": 0}, {"window": 5, "stride": 0}, {"stride": 2}, {"window": 2.5}):
        with pytest.raises(ConfigError, match=r"window|stride"):
            Config(**wrong)


def test_the_defaults_come_back_from_json_as_they_were():
    assert Config.from_dict(json.loads(json.dumps(Config().to_dict()))) == Config()


def test_an_unknown_option_is_refused_by_name():
    with pytest.raises(ConfigError, match="'gamma'"):
        Config.from_dict({**Config().to_dict(), "gamma": 1.0})


def test_a_value_out_of_range_in_json_is_refused():
    with pytest.raises(ConfigError, match="latent=0"):
        Config.from_dict({**Config().to_dict(), "latent": 0})


def test_a_changed_copy_is_checked_anew_and_leaves_the_original():
    original = Config(latent=2)
    assert original.replace(latent=8).latent == 8
    assert original.latent == 2
    with pytest.raises(ConfigError, match="latent=0"):
        original.replace(latent=0)


def test_the_binarisation_is_known_once_the_data_have_decided_on_it():
    assert Config(binarize="static").binarization == "static"
    with pytest.raises(ConfigError, match="binarize=None: expected one of dynamic, static"):
        _ = Config().binarization


def test_a_config_cannot_be_changed_in_place():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Config().latent = 3


def test_the_names_that_are_accepted_are_the_names_that_exist():
    assert set(choices.NETWORKS) == set(networks.ENCODERS) == set(networks.DECODERS)
    assert set(choices.LIKELIHOODS) - {"columns"} <= set(distributions.LIKELIHOODS)
    assert set(choices.PRIORS) == set(distributions.PRIORS)
    assert set(choices.POSTERIORS) == set(distributions.POSTERIORS)
    assert set(choices.OBJECTIVES) == set(objectives.OBJECTIVES)
    descriptions = [data.describe_protocol(name) for name in choices.BINARIZATIONS]
    assert len(set(descriptions)) == len(choices.BINARIZATIONS)
