"""pythae: its VAE with these networks, in its own trainer."""

import tempfile
from itertools import count

import torch
from pythae.data.datasets import BaseDataset
from pythae.models import VAE, VAEConfig
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseEncoder
from pythae.trainers import BaseTrainer, BaseTrainerConfig
from torch import nn


class Encoder(BaseEncoder):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU())
        self.mean, self.log_var = nn.Linear(256, 2), nn.Linear(256, 2)

    def forward(self, x):
        h = self.layers(x)
        return ModelOutput(embedding=self.mean(h), log_covariance=self.log_var(h))


class Decoder(BaseDecoder):
    def __init__(self):
        super().__init__()
        # pythae's Bernoulli takes probabilities
        self.layers = nn.Sequential(
            nn.Linear(2, 256), nn.ReLU(), nn.Linear(256, 512), nn.ReLU(), nn.Linear(512, 784),
            nn.Sigmoid(),
        )  # fmt: skip

    def forward(self, z):
        return ModelOutput(reconstruction=self.layers(z))


def epochs(x, batch_size):
    config = VAEConfig(input_dim=(784,), latent_dim=2, reconstruction_loss="bce")
    vae = VAE(config, Encoder(), Decoder())
    x = x[: len(x) // batch_size * batch_size]
    data = BaseDataset(torch.from_numpy(x), torch.zeros(len(x)))
    with tempfile.TemporaryDirectory() as folder:
        options = BaseTrainerConfig(
            output_dir=folder, per_device_train_batch_size=batch_size, learning_rate=1e-3,
            num_epochs=1000, no_cuda=True,
        )  # fmt: skip
        trainer = BaseTrainer(model=vae, train_dataset=data, training_config=options)
        trainer.prepare_training()
        for epoch in count(1):
            yield float(trainer.train_step(epoch))
