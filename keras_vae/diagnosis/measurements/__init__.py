"""What is measured of a subject, each when a rule first asks for it and only once."""

from keras_vae.diagnosis.measurements.examined import CONSTANT, NO_RATE, Terms
from keras_vae.diagnosis.measurements.inference import PROBE_STEPS
from keras_vae.diagnosis.measurements.measurements import Measurements

__all__ = ["CONSTANT", "NO_RATE", "PROBE_STEPS", "Measurements", "Terms"]
