import keras
import pytest


@pytest.fixture
def mixed_precision():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    yield
    keras.config.set_dtype_policy(before)


@pytest.fixture(autouse=True)
def _seeded():
    keras.utils.set_random_seed(0)
