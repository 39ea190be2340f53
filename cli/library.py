"""Loads what a command computes with, without TensorFlow's chatter and without what none uses."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType

__all__ = ["load_keras_vae"]

# Keras loads them as it starts: the first brings scikit-learn, the last the windows of matplotlib.
SELDOM_USED = ("keras.wrappers", "keras._tf_keras.keras.wrappers", "matplotlib.pyplot")


class _AtFirstUse(MetaPathFinder):
    """Runs the code of what is seldom used at its first use, not where it is imported.

    For this process alone, where it is known who imports what: a program that imports keras_vae
    gets Keras as it is.
    """

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in SELDOM_USED:
            return None
        spec = PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


def load_keras_vae() -> None:
    """Loads TensorFlow, Keras and `keras_vae.VAE`; call it once paths and options are checked.

    TensorFlow's C++ code writes to stderr as it starts, before it has read its own log level;
    those lines are shown only if loading fails, or if TF_CPP_MIN_LOG_LEVEL=0 asks for them.
    """
    if not any(isinstance(finder, _AtFirstUse) for finder in sys.meta_path):
        sys.meta_path.insert(0, _AtFirstUse())
    if os.environ.get("TF_CPP_MIN_LOG_LEVEL") == "0":
        _load()
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _stderr_held_back():
        _load()


def _load() -> None:
    # Before TensorFlow: after it, it loads all of its experiments and Keras 2 layers.
    import tensorflow_probability  # noqa: F401  # isort: skip
    import tensorflow as tf

    import keras_vae.vae  # noqa: F401

    # Looks for GPUs now, not amid the first answer; starts no device, which a cluster must do.
    tf.config.list_physical_devices()


@contextlib.contextmanager
def _stderr_held_back() -> Iterator[None]:
    """Keeps what is written to the stderr of the process, and shows it on an exception."""
    sys.stderr.flush()
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except Exception:
            os.dup2(stderr, 2)
            held.seek(0)
            os.write(2, held.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
