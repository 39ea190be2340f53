"""Each example runs, for one epoch."""

import runpy
import sys
from pathlib import Path

import keras
import pytest

# Those that need a tracker are tested with it, in `monitoring/`; PyTorch's in `diagnosis/`.
EXAMPLES = [
    path
    for path in sorted((Path(__file__).parents[1] / "examples").glob("*.py"))
    if not path.stem.startswith(("track_with_", "diagnose_torch"))
]


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_the_example_leaves_a_model_and_pictures(example, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(example), "1"])
    runpy.run_path(str(example), run_name="__main__")
    assert "Evaluation(split='test', examples=179" in capsys.readouterr().out
    (model,) = tmp_path.glob("*.keras")
    assert keras.saving.load_model(model).latent_dim == 3
    assert len(list(tmp_path.glob("*/*.png"))) == 6
