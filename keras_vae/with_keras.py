"""What a `.keras` file names is known to Keras as soon as there are Keras and this package."""

import importlib
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

__all__ = ["load_with_keras"]

# They register with Keras all classes that a file may name.
MODULES = ("keras_vae.vae", "keras_vae.networks")


def load_with_keras() -> None:
    """Loads `MODULES`, now if Keras is there, or else when it is.

    Keras refuses to import what a file names, and `import keras_vae` by itself loads no Keras,
    which takes seconds and may never be needed.
    """
    if "keras" in sys.modules:
        _load()
    else:
        sys.meta_path.insert(0, _WhenKerasIsLoaded())


def _load() -> None:
    for name in MODULES:
        importlib.import_module(name)


class _WhenKerasIsLoaded(MetaPathFinder):
    """Finds Keras as Python does, and loads `MODULES` behind it."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name != "keras":
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_and_load(module: ModuleType) -> None:
                execute(module)
                del spec.loader.exec_module  # type: ignore[union-attr]  # its own again
                _load()

            spec.loader.exec_module = execute_and_load  # type: ignore[method-assign]
        return spec
