"""Which packages are installed, and in which versions: part of every record."""

import importlib.util
import platform
from importlib import metadata

from keras_vae.version import __version__

__all__ = ["is_installed", "package_versions"]

PACKAGES = ("tensorflow", "keras", "tensorflow_probability", "numpy")


def package_versions() -> dict[str, str]:
    """Name -> version, of all that a repetition would need."""
    versions = {name: metadata.version(name) for name in PACKAGES}
    # Of the code that runs: an editable installation keeps the number of the day it was made.
    return {"python": platform.python_version(), "keras_vae": __version__, **versions}


def is_installed(module: str) -> bool:
    """Whether a module can be imported, without importing it.

    Args:
        module: a full name inside the package that is meant, such as `tensorboard.summary`. The
            name of the package alone is also that of any folder on the path that is called so.
    """
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # nothing has the name of the package
        return False
