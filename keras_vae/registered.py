"""The classes that a `.keras` file may name, known to Keras before any of them is loaded."""

import importlib
import importlib.util
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

__all__ = ["CLASSES", "register"]

# Registered name without "keras_vae>" -> the module that registers the class itself.
CLASSES = {
    "Bernoulli": "distributions.likelihoods.bernoulli",
    "ContinuousBernoulli": "distributions.likelihoods.continuous_bernoulli",
    "DiagonalNormal": "distributions.posteriors.diagonal_normal",
    "Elbo": "objectives.elbo",
    "Gaussian": "distributions.likelihoods.gaussian",
    "OutputBias": "networks.ends",
    "Sampling": "sampling",
    "StandardNormal": "distributions.priors.standard_normal",
    "VAE": "vae",
}


class _Unloaded:
    """Stands in Keras's registry for a class, which takes its place there when it is loaded."""

    def __init__(self, name: str) -> None:
        self.name = name

    def from_config(self, config: Any, *more: Any, **options: Any) -> Any:
        """What Keras asks of a class that a file names."""
        module = importlib.import_module(f"keras_vae.{CLASSES[self.name]}")
        return getattr(module, self.name).from_config(config, *more, **options)


class _WhenKerasIsLoaded(MetaPathFinder):
    """Registers as soon as Keras is there: it takes seconds, and may never be needed."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name != "keras":
            return None
        sys.meta_path.remove(self)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            sys.meta_path.insert(0, self)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def load_and_register(module: ModuleType) -> None:
                load(module)
                del spec.loader.exec_module  # type: ignore[union-attr]  # its own again
                sys.meta_path.remove(self)
                _register()

            spec.loader.exec_module = load_and_register  # type: ignore[method-assign]
        return spec


def register() -> None:
    """Registers the classes with Keras, now or when it is loaded."""
    if "keras" in sys.modules:
        from keras_vae.backend import check_backend

        check_backend()
        _register()
    else:
        sys.meta_path.insert(0, _WhenKerasIsLoaded())


def _register() -> None:
    import keras

    known = keras.saving.get_custom_objects()
    for name in CLASSES:
        known.setdefault(f"keras_vae>{name}", _Unloaded(name))
