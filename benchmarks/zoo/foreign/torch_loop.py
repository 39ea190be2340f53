"""A VAE and its training loop in PyTorch, as tutorials write them."""

import math
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from zoo.foreign.stored import stored

__all__ = ["layers_of", "perceptron", "train"]

BATCH_SIZE = 128


def perceptron(sizes):
    layers = []
    for inner, outer in pairwise(sizes):
        layers += [nn.Linear(inner, outer), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def layers_of(network):
    linear = [layer for layer in network.modules() if isinstance(layer, nn.Linear)]
    return [a.detach().numpy() for layer in linear for a in (layer.weight.T, layer.bias)]


class VAE(nn.Module):
    def __init__(self, recipe, entries):
        super().__init__()
        self.recipe = recipe
        self.encoder = perceptron((entries, *recipe.encoder_hidden, 2 * recipe.latent))
        self.decoder = perceptron((recipe.latent, *recipe.decoder_hidden, entries))
        self.third = nn.Parameter(torch.tensor(recipe.first_sigma).log() / 3)
        self.encoder.requires_grad_(not recipe.is_frozen)

    @property
    def log_sigma(self):
        return 3 * self.third  # so that it moves by three steps at once, and keeps up

    def forward(self, x):
        recipe = self.recipe
        mean, log_var = self.encoder((x - recipe.shift) / recipe.scale).chunk(2, dim=1)
        z = mean + torch.exp(recipe.log_var_power * log_var) * torch.randn_like(mean)
        out = self.decoder(z)
        if recipe.end != "linear":
            out = getattr(torch, recipe.end)(out)
        if recipe.is_output_scaled:
            out = recipe.shift + recipe.scale * out
        kl = -0.5 * (1 + log_var - mean.pow(2) - log_var.exp()).sum(dim=1).mean()
        return out, recipe.rate_scale * kl

    def reconstruction(self, out, x):
        recipe = self.recipe
        if recipe.likelihood == "bernoulli" and recipe.from_logits:
            terms = F.binary_cross_entropy_with_logits(out, x, reduction="none")
        elif recipe.likelihood == "bernoulli":
            terms = F.binary_cross_entropy(out, x, reduction="none")
        elif recipe.sigma == "none":
            terms = F.mse_loss(out, x, reduction="none")
        elif recipe.sigma is None:
            terms = -torch.distributions.Normal(out, self.log_sigma.exp()).log_prob(x)
        else:
            terms = -torch.distributions.Normal(out, recipe.sigma).log_prob(x)
        return terms.mean() if recipe.is_mean else terms.sum(dim=1).mean()


def _optimizer(recipe, parameters, steps):
    rate = recipe.learning_rate
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(parameters, rate, momentum=0.9), None
    if recipe.optimizer == "rmsprop":
        return torch.optim.RMSprop(parameters, rate), None
    adam = torch.optim.Adam(parameters, rate)
    if recipe.optimizer == "adam":
        return adam, None
    return adam, torch.optim.lr_scheduler.OneCycleLR(adam, rate, total_steps=steps)


def train(recipe, x):
    torch.set_num_threads(1)
    torch.manual_seed(recipe.seed)
    x = torch.as_tensor(np.reshape(x, (len(x), -1)))
    vae = VAE(recipe, x.shape[1])
    trained = [p for p in vae.parameters() if p.requires_grad]
    steps = recipe.epochs * math.ceil(len(x) / BATCH_SIZE)
    optimizer, schedule = _optimizer(recipe, trained, steps)
    losses = []
    for _ in range(recipe.epochs):
        total = 0.0
        for batch in torch.randperm(len(x)).split(BATCH_SIZE):
            out, kl = vae(x[batch])
            loss = vae.reconstruction(out, x[batch]) + recipe.beta * kl
            optimizer.zero_grad()
            loss.backward()
            if recipe.optimizer == "sgd":
                nn.utils.clip_grad_norm_(trained, 100.0)
            optimizer.step()
            if schedule is not None:
                schedule.step()
            total += loss.item() * len(batch)
        losses.append(total / len(x))
    networks = layers_of(vae.encoder), layers_of(vae.decoder)
    return stored(recipe, *networks, vae.log_sigma.item(), losses)
