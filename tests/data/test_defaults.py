import numpy as np
import pandas as pd
import pytest

from keras_vae.config import Config
from keras_vae.data import decided, defaults_taken, from_arrays, load_data

IMAGES = np.random.default_rng(0).random((160, 6, 5)).astype("float32")  # 128 to train on
LEVELS = (IMAGES * 255).astype("uint8")


def test_nothing_is_said_where_nothing_is_done():
    assert defaults_taken(from_arrays(IMAGES), Config(binarize="dynamic")) == []
    assert defaults_taken(from_arrays(IMAGES), Config(likelihood="gaussian")) == []
    assert defaults_taken(from_arrays(IMAGES > 0.5), Config()) == []


def test_binarisation_by_default_is_said_with_its_choices():
    (line,) = defaults_taken(from_arrays(IMAGES), Config())
    assert line.startswith("by default, gray levels are drawn")
    assert "--binarize dynamic" in line
    assert "--binarize none" in line


def test_a_division_by_255_is_said_of_arrays():
    (line,) = defaults_taken(from_arrays(LEVELS), Config(binarize="static"))
    assert "uint8" in line
    assert "255" in line


def test_a_named_data_set_means_its_scale():
    assert load_data("mnist5k").warnings == ()
    assert load_data("mnist5k").reading == ("uint8 divided by 255",)
    assert load_data("digits").reading == ("17 gray levels divided by 16",)


@pytest.mark.parametrize(
    ("batch_size", "told"),
    [(64, None), (1000, None), (60, "8 of 128"), (127, "1 of 128")],
)
def test_examples_that_sit_out_are_counted(batch_size, told):
    lines = defaults_taken(from_arrays(IMAGES), Config(binarize="none", batch_size=batch_size))
    assert len(lines) == (told is not None)
    if told:
        assert told in lines[0]


@pytest.mark.parametrize(("batch_size", "lines"), [(None, 0), (13, 1)])
def test_rows_of_a_table_that_sit_out_are_told_where_the_batch_size_was_chosen(batch_size, lines):
    table = pd.DataFrame({"a": np.arange(129) % 97 / 7, "b": ["x", "y", "z"] * 43})
    told = defaults_taken(load_data(table), Config(batch_size=batch_size))
    assert len([line for line in told if "left over" in line]) == lines


def test_the_batch_size_that_is_advised_leaves_none_out():
    (line,) = defaults_taken(from_arrays(IMAGES), Config(binarize="none", batch_size=127))
    assert "--batch-size 64 uses all" in line


def test_what_a_config_leaves_open_is_that_of_images():
    config = decided(Config(), from_arrays(IMAGES))
    assert (config.latent, config.batch_size, config.epochs, config.hidden) == (2, 128, 80, None)


@pytest.mark.parametrize(
    ("options", "warmup"),
    [
        ({"latent": 10}, 0.0), ({"latent": 11}, 0.2), ({"latent": 2, "prior": "vamp"}, 0.2),
        ({"latent": 2, "prior": "mixture"}, 0.0), ({"capacity": 5.0}, 0.5),
        ({"capacity": 5.0, "latent": 40}, 0.5), ({"capacity": 5.0, "warmup": 0.0}, 0.0),
    ],
)  # fmt: skip
def test_the_warmup_goes_by_what_rises(options, warmup):
    assert decided(Config(**options), from_arrays(IMAGES)).warmup == warmup


@pytest.mark.parametrize(
    ("rows", "batch_size", "epochs"),
    # a tenth each is held out: 80 rows in batches of 10 are 8 steps, 3,000 of them 375 epochs
    [(100, 10, 375), (10_000, 64, 80)],
)
def test_a_table_takes_more_latents_and_as_many_steps_as_it_needs(rows, batch_size, epochs):
    table = pd.DataFrame({"a": np.arange(rows) % 97 / 7, "b": ["x", "y"] * (rows // 2)})
    config = decided(Config(), load_data(table))
    assert (config.latent, config.hidden) == (8, (128, 64))
    assert (config.batch_size, config.epochs) == (batch_size, epochs)


def test_what_is_given_stays():
    table = pd.DataFrame({"a": np.arange(100) % 97 / 7, "b": ["x", "y"] * 50})
    given = {"latent": 3, "batch_size": 40, "epochs": 7, "hidden": (5,)}
    config = decided(Config(**given), load_data(table))
    assert {name: getattr(config, name) for name in given} == given
    assert decided(Config(batch_size=40), load_data(table)).epochs == 1500
