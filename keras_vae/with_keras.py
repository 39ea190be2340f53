"""What a `.keras` file names is known to Keras as soon as there are Keras and this package."""

import importlib
import sys

from keras_vae.import_hooks import after_import, before_import

__all__ = ["load_with_keras"]

# They register with Keras all classes that a file may name.
MODULES = ("keras_vae.vae", "keras_vae.networks")
# What is loaded without Keras. All else has Keras before it: a module that imported Keras half way
# would be found half loaded by `MODULES`.
WITHOUT_KERAS = (
    "aliases", "check_config", "choices", "conditions", "config", "data.tables", "errors",
    "figure_tables", "files", "import_hooks", "lazy_names", "plots", "presets", "progress",
    "studies", "version", "with_keras",
)  # fmt: skip


def load_with_keras() -> None:
    """Loads `MODULES`, now if Keras is there, or else when it is.

    Keras refuses to import what a file names, and `import keras_vae` by itself loads no Keras,
    which takes seconds and may never be needed.
    """
    if "keras" in sys.modules:
        _load()
    else:
        after_import("keras", _load)
        before_import(_needs_keras, lambda: importlib.import_module("keras"))


def _needs_keras(name: str) -> bool:
    package, _, part = name.partition(".")
    is_light = part == "data" or f"{part}.".startswith(tuple(f"{each}." for each in WITHOUT_KERAS))
    return package == "keras_vae" and not is_light


def _load() -> None:
    for name in MODULES:
        importlib.import_module(name)
