import pytest
from diagnosis.made_subjects import linear_subject

from keras_vae.diagnosis.measurements import Measurements


@pytest.fixture(scope="module")
def linear():
    """Measurements of a model with the exact posterior; read only."""
    return Measurements(linear_subject())
