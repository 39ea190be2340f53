"""Loads what a command computes with, without TensorFlow's chatter and without what none uses."""

import contextlib
import gc
import os
import sys
import tempfile
from collections.abc import Iterator

__all__ = ["load_keras_vae"]

# Keras loads them as it starts: the first brings scikit-learn, the last the windows of matplotlib.
SELDOM_USED = ("keras.wrappers", "keras._tf_keras.keras.wrappers", "matplotlib.pyplot")


def load_keras_vae() -> None:
    """Loads TensorFlow, Keras and `keras_vae.VAE`; call it once paths and options are checked.

    TensorFlow's C++ code writes to stderr as it starts, before it has read its own log level;
    those lines are shown only if loading fails, or if TF_CPP_MIN_LOG_LEVEL=0 asks for them.
    """
    if "keras_vae.vae" in sys.modules:
        return
    is_silent = os.environ.get("TF_CPP_MIN_LOG_LEVEL") != "0"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _without_garbage(), _stderr_held_back() if is_silent else contextlib.nullcontext():
        _load()


def _load() -> None:
    from keras_vae.import_hooks import at_first_use

    # For this process alone, where it is known who imports what: a program that imports
    # keras_vae gets Keras as it is.
    at_first_use(*SELDOM_USED)
    # Before TensorFlow: after it, it loads all of its experiments and Keras 2 layers.
    import tensorflow_probability  # noqa: F401  # isort: skip
    import tensorflow as tf

    import keras_vae.vae  # noqa: F401

    # Looks for GPUs now, not amid the first answer; starts no device, which a cluster must do.
    tf.config.list_physical_devices()


@contextlib.contextmanager
def _without_garbage() -> Iterator[None]:
    """Looks for no garbage meanwhile, and never in what is made here.

    Half a million objects, nearly all there to stay: to look through them again and again, and
    once more at the end, takes a third of a short command's time.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


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
