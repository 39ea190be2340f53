import re
from pathlib import Path

import pytest

from keras_vae import Config, ConfigError, presets

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", presets.PRESETS)
def test_each_is_options_that_go_together(name):
    config = Config(**presets.preset(name))
    assert {key: getattr(config, key) for key in presets.PRESETS[name]} == presets.PRESETS[name]


def test_what_is_given_out_is_a_copy():
    presets.preset("burda")["latent"] = 3
    assert presets.preset("burda")["latent"] == 50


def test_an_unknown_one_is_refused_with_the_names():
    with pytest.raises(ConfigError, match="preset='large': expected one of quick, burda"):
        presets.preset("large")


def test_the_command_line_offers_each_and_the_benchmarks_say_what_it_reaches():
    offered = re.search(
        r'"--preset",\s*type=click.Choice\(\s*\[(.*?)\]',
        (ROOT / "cli" / "model_options.py").read_text(),
        re.S,
    )
    assert re.findall(r'"([a-z0-9-]+)"', offered[1]) == list(presets.PRESETS)
    told = (ROOT / "benchmarks" / "README.md").read_text()
    assert [name for name in presets.PRESETS if f"| `{name}`" not in told] == []
