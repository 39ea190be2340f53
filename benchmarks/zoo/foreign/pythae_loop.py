"""pythae's VAE and trainer: binary cross-entropy, or half a summed squared error (sigma 1)."""

import logging
import tempfile

import numpy as np
import torch
from pythae.data.datasets import BaseDataset
from pythae.models import VAE, BetaVAE, BetaVAEConfig, VAEConfig
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseEncoder
from pythae.trainers import BaseTrainer, BaseTrainerConfig
from pythae.trainers.training_callbacks import TrainingCallback
from torch import nn

from zoo.foreign.stored import stored
from zoo.foreign.torch_loop import layers_of, perceptron

__all__ = ["train"]

OPTIMIZERS = {"adam": "Adam", "rmsprop": "RMSprop", "sgd": "SGD"}


class Encoder(BaseEncoder):
    def __init__(self, recipe, entries):
        super().__init__()
        self.layers = perceptron((entries, *recipe.encoder_hidden, 2 * recipe.latent))
        self.requires_grad_(not recipe.is_frozen)

    def forward(self, x):
        mean, log_var = self.layers(x).chunk(2, dim=1)
        return ModelOutput(embedding=mean, log_covariance=log_var)


class Decoder(BaseDecoder):
    def __init__(self, recipe, entries):
        super().__init__()
        self.layers = perceptron((recipe.latent, *recipe.decoder_hidden, entries))
        self.end = nn.Sigmoid() if recipe.end == "sigmoid" else nn.Identity()

    def forward(self, z):
        return ModelOutput(reconstruction=self.end(self.layers(z)))


class Losses(TrainingCallback):
    def __init__(self):
        self.values = []

    def on_log(self, training_config, logs, **kwargs):
        self.values.append(logs["train_epoch_loss"])


def train(recipe, x):
    torch.set_num_threads(1)
    torch.manual_seed(recipe.seed)
    logging.disable(logging.INFO)
    x = torch.as_tensor(np.reshape(x, (len(x), -1)))
    config = {
        "input_dim": (x.shape[1],),
        "latent_dim": recipe.latent,
        "reconstruction_loss": "bce" if recipe.likelihood == "bernoulli" else "mse",
    }
    parts = Encoder(recipe, x.shape[1]), Decoder(recipe, x.shape[1])
    if recipe.beta == 1:
        vae = VAE(VAEConfig(**config), *parts)
    else:
        vae = BetaVAE(BetaVAEConfig(beta=recipe.beta, **config), *parts)
    losses = Losses()
    with tempfile.TemporaryDirectory() as folder:
        settings = BaseTrainerConfig(
            output_dir=folder, num_epochs=recipe.epochs, learning_rate=recipe.learning_rate,
            per_device_train_batch_size=128, optimizer_cls=OPTIMIZERS[recipe.optimizer],
            optimizer_params={"momentum": 0.9} if recipe.optimizer == "sgd" else None,
            no_cuda=True, seed=recipe.seed,
        )  # fmt: skip
        data = BaseDataset(x, torch.zeros(len(x)))
        BaseTrainer(vae, data, training_config=settings, callbacks=[losses]).train()
    networks = layers_of(vae.encoder), layers_of(vae.decoder)
    return stored(recipe, *networks, 0.0, losses.values)
