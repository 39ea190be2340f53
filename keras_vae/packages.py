"""Which versions of Python and of the packages are at work: part of every record."""

import platform
from importlib import metadata

__all__ = ["package_versions"]

PACKAGES = ("keras_vae", "tensorflow", "keras", "tensorflow_probability", "numpy")


def package_versions():
    """Name -> version, of all that a repetition would need."""
    versions = {name: metadata.version(name) for name in PACKAGES}
    return {"python": platform.python_version(), **versions}
