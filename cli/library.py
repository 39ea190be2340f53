"""Loads keras_vae when a command needs it, without TensorFlow's start-up chatter."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator

__all__ = ["load_keras_vae"]


def load_keras_vae() -> None:
    """Imports keras_vae; what a command imports of it afterwards is there already.

    TensorFlow's C++ code writes to stderr as it starts, before it has read its own log level;
    those lines are shown only if loading fails, or if TF_CPP_MIN_LOG_LEVEL=0 asks for them.
    """
    if os.environ.get("TF_CPP_MIN_LOG_LEVEL") == "0":
        import keras_vae

        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _stderr_held_back():
        import tensorflow as tf

        import keras_vae  # noqa: F401

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
