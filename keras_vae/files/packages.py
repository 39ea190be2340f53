"""Which packages are installed, and in which versions: part of every record."""

import importlib.util
import platform
from pathlib import Path

from keras_vae.aliases import PathLike
from keras_vae.errors import DataError
from keras_vae.version import __version__

__all__ = ["check_package", "is_installed", "package_versions"]

# Endings of files that no package reads or writes which is always there: which does, and the extra
# that brings it.
OF_ENDINGS = {".parquet": ("pyarrow", "parquet"), ".h5ad": ("anndata", "anndata")}
PACKAGES = ("tensorflow", "keras", "tensorflow_probability", "numpy")


def package_versions() -> dict[str, str]:
    """Name -> version, of all that a repetition would need."""
    from importlib import metadata  # a command that only checks a path need not wait for it

    versions = {name: metadata.version(name) for name in PACKAGES}
    # Of the code that runs: an editable installation keeps the number of the day it was made.
    return {"python": platform.python_version(), "keras_vae": __version__, **versions}


def check_package(path: PathLike) -> None:
    """Refuses a file whose ending needs a package that is not installed.

    Raises:
        DataError: with what to install.
    """
    ending = Path(path).suffix.lower()
    module, extra = OF_ENDINGS.get(ending, ("", ""))
    if module and not is_installed(module):
        raise DataError(
            f"{path}: {ending} needs the package {module}: pip install 'keras_vae[{extra}]'"
        )


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
