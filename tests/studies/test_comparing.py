import re
import shlex
import sys
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
import pytest
from keras_vae_cli.main import kvae
from scipy import stats

from keras_vae import ConfigError, RunError, compare
from keras_vae.evidence import importance_weighted_bound, posterior_terms
from keras_vae.studies import children
from keras_vae.studies.comparing import check_models

FAKE = (sys.executable, "-S", str(Path(__file__).with_name("fake_child.py")))

FAST = {"samples": 2, "examples": 20, "k": 10}


@pytest.fixture(scope="module")
def found(compared):
    return compare(compared, **FAST, seed=4)


def test_models_that_differ_in_their_seed_alone_are_one_configuration(found, compared):
    first, second = found.configurations
    assert first.models == (str(compared[0].path), str(compared[1].path))
    assert (first.seeds, second.seeds) == ((0, 1), (0,))
    assert first.options == {"latent": 2, "beta": 1.0}
    assert second.options == {"latent": 4, "beta": 0.5}
    assert (first.latent, second.latent) == (2, 4)


def test_paired_errors_are_those_of_the_values_of_each_example(found, compared):
    """Values computed apart, and arithmetic of NumPy in float64."""
    x = compared[0].load_data().given("test")
    elbos = []
    for run in compared:
        distortion, rate = (each.astype("float64") for each in posterior_terms(run.vae, x, 2, 4))
        elbos.append(-distortion - rate)
    difference = (elbos[0] + elbos[1]) / 2 - elbos[2]
    got = found.difference(0, 1, "elbo")
    assert got.mean == pytest.approx(np.sum(difference) / 179)
    assert got.error_of_examples == pytest.approx(np.std(difference, ddof=1) / np.sqrt(179))
    spread = np.std([elbos[0].mean(), elbos[1].mean()], ddof=1)
    assert found.configurations[0].spread("elbo") == pytest.approx(spread)
    bound = importance_weighted_bound(compared[2].vae, x[:20], [1, 10], seed=4).bounds[-1]
    mean, error = (getattr(found.configurations[1], name) for name in ("mean", "error"))
    assert mean("log_evidence") == pytest.approx(bound.mean())
    assert error("log_evidence") == pytest.approx(stats.sem(bound))
    # what makes an example hard for both models cancels
    apart = np.hypot(stats.sem(elbos[0]), stats.sem(elbos[2]))
    assert got.error_of_examples < apart


def test_the_protocol_names_all_that_the_figures_depend_on(found):
    for words in ("digits, test split, 179 examples", "2 samples of z", "seed 4", "L_10",
                  "first 20 examples", "drawn once from a fixed seed"):  # fmt: skip
        assert words in found.protocol


def test_models_of_other_protocols_are_refused_in_one_line(compared):
    first, _, wider = compared
    other = replace(wider, config=wider.config.replace(binarize="threshold"))
    with pytest.raises(RunError, match="binarisation: drawn against threshold") as refused:
        compare([first, other], **FAST)
    assert "\n" not in str(refused.value)


def test_models_of_one_seed_stay_apart_and_have_no_spread(compared, tmp_path):
    copy = replace(compared[0], path=tmp_path)
    found = compare([compared[0], copy], **FAST)
    assert found.method == "exact, by quadrature"  # of 2 latents each
    assert [each.seeds for each in found.configurations] == [(0,), (0,)]
    assert found.difference(0, 1, "log_evidence").mean == 0
    assert not found.difference(0, 1, "elbo").is_told


def test_folders_that_cannot_be_compared_are_refused_in_one_line(compared, tmp_path):
    first, second, _ = compared
    with pytest.raises(ConfigError, match="expected at least two"):
        check_models([first.path])
    with pytest.raises(ConfigError, match="given twice"):
        check_models([first.path, second.path, first.path])
    with pytest.raises(RunError, match="no such model folder"):
        check_models([first.path, tmp_path / "missing"])
    record = {**second.record, "training": {**second.record["training"], "ended": "interrupted"}}
    stopped = replace(second, metrics=None, record=record)
    with pytest.raises(RunError, match=r"training ended early \(interrupted\)"):
        check_models([first, stopped])


@pytest.mark.slow
def test_what_is_said_of_comparing_runs(compared, monkeypatch, tmp_path):
    """The commands and the code of docs/comparing.md, with models that are there already."""
    text = (Path(__file__).parents[2] / "docs" / "comparing.md").read_text()
    for line in re.findall(r"^kvae .+$", text, re.M):
        _, name, *arguments = shlex.split(line)
        assert kvae.get_command(click.Context(kvae), name).make_context(name, arguments).params
    first, second = re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)
    for name, run in (("narrow", compared[0]), ("wide", compared[2])):
        first = first.replace(f"saved_models/{name}", str(run.path))
    names = {}
    exec(compile(first, "docs/comparing.md", "exec"), names)
    assert names["found"].method == "L_1000, a lower bound"  # of 2 and of 4 latents
    monkeypatch.setattr(children, "COMMAND", FAKE)
    monkeypatch.chdir(tmp_path)
    with pytest.warns(UserWarning, match="all is well"):
        exec(compile(second, "docs/comparing.md", "exec"), names)
    assert names["best"].name == "beta 2, latent 2"
