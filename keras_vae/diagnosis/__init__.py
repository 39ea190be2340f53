"""Measures -> findings: what is wrong with a VAE, by how much, why, and what to change."""

from keras_vae.diagnosis.callback import Diagnose
from keras_vae.diagnosis.diagnose import diagnose, examine
from keras_vae.diagnosis.diagnosis import Diagnosis
from keras_vae.diagnosis.finding import Evidence, Finding
from keras_vae.diagnosis.plan import examine_plan
from keras_vae.diagnosis.subjects.likelihoods import Bernoulli, ContinuousBernoulli, Gaussian
from keras_vae.diagnosis.subjects.of_keras_model import of_keras_model
from keras_vae.diagnosis.subjects.of_vae import entries_and_classes, of_dataset, of_vae
from keras_vae.diagnosis.subjects.subject import Subject

__all__ = [
    "Bernoulli",
    "ContinuousBernoulli",
    "Diagnose",
    "Diagnosis",
    "Evidence",
    "Finding",
    "Gaussian",
    "Subject",
    "diagnose",
    "entries_and_classes",
    "examine",
    "examine_plan",
    "of_dataset",
    "of_keras_model",
    "of_vae",
]
