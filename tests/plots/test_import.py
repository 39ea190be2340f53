import ast
import sys
from pathlib import Path

import matplotlib

from keras_vae import plots

ALLOWED = {"matplotlib", "numpy", "scipy"}


def test_the_folder_needs_numpy_scipy_and_matplotlib_only():
    for path in Path(plots.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            modules = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            for module in modules:
                assert "pyplot" not in module, path.name
                if module.startswith("keras_vae"):
                    assert module.startswith(("keras_vae.plots", "keras_vae.files.disk")), path.name
                else:
                    root = module.split(".")[0]
                    assert root in ALLOWED | set(sys.stdlib_module_names), path.name


def test_every_public_name_exists_and_is_listed_in_order():
    assert plots.__all__ == sorted(plots.__all__)
    assert all(callable(getattr(plots, name)) for name in plots.__all__)


def test_drawing_leaves_the_settings_of_matplotlib_alone(tmp_path):
    before = dict(matplotlib.rcParams)
    plots.save(plots.samples([[0.0, 1.0]]), tmp_path / "samples.png")
    assert dict(matplotlib.rcParams) == before
