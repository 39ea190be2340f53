"""The one backend of Keras that this package is written for."""

import keras

__all__ = ["check_backend"]


def check_backend() -> None:
    """Refuses another backend.

    Raises:
        ImportError: with the name of the one that Keras has.
    """
    if keras.config.backend() != "tensorflow":
        raise ImportError(
            f"keras_vae needs Keras's TensorFlow backend, which its distributions are written for; "
            f"the backend is {keras.config.backend()!r}. Set KERAS_BACKEND=tensorflow"
        )
