"""Loads keras_vae when a command needs it, without TensorFlow's start-up chatter."""

import contextlib
import os
import sys
import tempfile

__all__ = ["load_keras_vae"]


def load_keras_vae():
    """Imports keras_vae and returns it.

    TensorFlow's C++ code writes to stderr as it starts, before it has read its own log level;
    those lines are shown only if loading fails, or if TF_CPP_MIN_LOG_LEVEL=0 asks for them.
    """
    if os.environ.get("TF_CPP_MIN_LOG_LEVEL") == "0":
        import keras_vae

        return keras_vae
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _stderr_held_back():
        import tensorflow as tf

        import keras_vae

        # Looks for GPUs now, not amid the first answer; starts no device, which a cluster must do.
        tf.config.list_physical_devices()
    return keras_vae


@contextlib.contextmanager
def _stderr_held_back():
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
