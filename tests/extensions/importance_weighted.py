"""An objective with several z: the importance-weighted bound L_K."""

import keras
import tensorflow as tf

from keras_vae import VAE
from keras_vae.networks import mlp_decoder, mlp_encoder
from keras_vae.objectives import Objective


@keras.saving.register_keras_serializable(package="tests")
class ImportanceWeighted(Objective):
    """-L_K = -log 1/K sum_k w_k (Burda, Grosse & Salakhutdinov 2016, arXiv:1509.00519)."""

    def __init__(self, samples=5):
        self.samples = samples

    def loss(self, terms, beta):
        log_k = tf.math.log(float(self.samples))
        return log_k - tf.reduce_logsumexp(terms.log_weights, axis=0)

    def get_config(self):
        return {"samples": self.samples}


def make(x):
    networks = (part(x.shape[1:], 2, (16,)) for part in (mlp_encoder, mlp_decoder))
    return VAE(*networks, "gaussian", objective=ImportanceWeighted(), seed=0)
