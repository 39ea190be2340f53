"""One number, and a package that is shipped whole."""

import subprocess
import sys
from pathlib import Path

import keras_vae

ROOT = Path(__file__).parents[1]


def setup(*arguments):
    return subprocess.run(
        [sys.executable, "setup.py", "-q", *arguments],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


def test_setup_py_has_the_number_of_the_package():
    assert setup("--version") == keras_vae.__version__


def test_an_installed_copy_has_every_file_of_the_package(tmp_path):
    setup("build", "--build-base", str(tmp_path))
    for source, copy in (("keras_vae", "keras_vae"), ("cli", "keras_vae_cli")):
        expected, built = files(ROOT / source), files(tmp_path / "lib" / copy)
        assert built == expected
    assert "py.typed" in files(tmp_path / "lib" / "keras_vae")


def files(folder):
    """Paths within a folder of all but compiled code."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {path.as_posix() for path in paths if path.suffix != ".pyc"}
