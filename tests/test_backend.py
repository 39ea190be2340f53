import keras
import pytest

from keras_vae.backend import check_backend


def test_another_backend_is_refused_with_what_to_set(monkeypatch):
    check_backend()
    monkeypatch.setattr(keras.config, "backend", lambda: "jax")
    with pytest.raises(ImportError, match=r"the backend is 'jax'\. Set KERAS_BACKEND=tensorflow"):
        check_backend()
