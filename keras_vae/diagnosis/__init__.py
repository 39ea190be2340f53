"""Measures -> findings: what is wrong with a VAE, by how much, why, and what to change."""

from keras_vae.diagnosis.diagnose import Diagnosis, diagnose, examine
from keras_vae.diagnosis.finding import Evidence, Finding
from keras_vae.diagnosis.likelihoods import Bernoulli, ContinuousBernoulli, Gaussian
from keras_vae.diagnosis.of_vae import of_vae
from keras_vae.diagnosis.subject import Subject

__all__ = [
    "Bernoulli",
    "ContinuousBernoulli",
    "Diagnosis",
    "Evidence",
    "Finding",
    "Gaussian",
    "Subject",
    "diagnose",
    "examine",
    "of_vae",
]
