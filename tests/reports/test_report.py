import json
import re
import sys
from functools import partial

import pytest
from matplotlib.figure import Figure

from keras_vae import ConfigError, RunError, report
from keras_vae.explanations import Answer, Lines
from keras_vae.reports.report import PICTURES

TITLES = ["At a glance", "Latent space", "Evidence", "Diagnosis", "Examples", "Training", "The run"]


@pytest.fixture(scope="module", autouse=True)
def quick():
    """Few examples: how much is computed is not what is tested."""
    module = sys.modules["keras_vae.reports.report"]
    with pytest.MonkeyPatch.context() as patch:
        few = partial(module.evidence_report, examples=4, ks=(1, 2))
        patch.setattr(module, "evidence_report", few)
        cheap = partial(module.diagnose_dataset, cheap=True, examples=60)
        patch.setattr(module, "diagnose_dataset", cheap)
        yield


@pytest.fixture(scope="module")
def run(quick_run):
    return quick_run("digits", data="digits", epochs=1, batch_size=350)


def titles(text):
    return re.findall(r"<h2>(.*?)</h2>", text)


def explorers(text):
    found = re.findall(r'<script type="application/json" id="explorer-\d">(.*?)</script>', text)
    return [json.loads(each) for each in found]


@pytest.mark.slow
def test_a_page_has_all_its_parts_and_stands_in_the_folder_of_the_run(run):
    stages = []
    path = report(run, progress=stages.append)
    assert path == run.path / "report.html"
    text = path.read_text("utf-8")
    assert [title.split(":")[0] for title in titles(text)] == TITLES
    assert "Left out" not in text
    assert len(text) < 3_000_000
    (explorer,) = explorers(text)
    assert explorer["points"] == run.metrics["examples"]
    assert explorer["decoder"]["dtype"] == "float16"
    assert explorer["epochs"]["epochs"] == [0, 1]
    assert set(re.findall(r'role="img" aria-label="(.*?)"', text)) == {
        words for name, words in PICTURES.items() if name not in ("evidence", "traversals")
    }
    assert {"data", "latent explorer", "diagnosis", "log p(x)", "page"} <= set(stages)


@pytest.fixture
def no_evidence(monkeypatch):
    """Evidence and pictures are left out: they take longest."""
    module = sys.modules["keras_vae.reports.report"]

    def refuse(*given, **options):
        raise RunError("version 1: damaged")

    monkeypatch.setattr(module, "evidence_report", refuse)
    monkeypatch.setattr(module, "figures_of", lambda *given: {})


@pytest.mark.slow
def test_two_models_are_side_by_side_with_an_explorer_each(
    run, table_run, no_evidence, tmp_path, monkeypatch
):
    def explain(run, data, progress):
        numbers = {"protocol": "none"}
        texts = f"Because of {run.path.name}.", Lines("a < b\n  c")
        return [Answer("why", "Why?", texts, numbers, lambda: Figure())]

    monkeypatch.setattr(sys.modules["keras_vae.reports.report"], "explain", explain)
    path = report([run, table_run], tmp_path / "two.html", explained=True)
    text = path.read_text("utf-8")
    assert '<body class="two">' in text
    assert [each["looks"]["kind"] for each in explorers(text)] == ["image", "row"]
    assert "Questions" in titles(text)
    for name in ("digits", "people"):
        assert text.count(f"<h3>{name}</h3>") == len(TITLES) + 1
        assert f"<p>Because of {name}.</p><pre>a &lt; b\n  c</pre>" in text
    assert len(set(re.findall(r' id="(.*?)"', text))) == text.count(' id="')


def test_more_than_two_models_are_refused(run):
    with pytest.raises(ConfigError, match="3 runs"):
        report([run] * 3)


@pytest.mark.slow
def test_a_part_that_fails_for_a_reason_says_it(run, no_evidence, tmp_path):
    text = report(run, tmp_path / "page.html", data=run.load_data().test.x).read_text("utf-8")
    assert "Left out: version 1: damaged" in text
    assert "these are not the data of the training" in text
