"""A VAE in PyTorch, diagnosed: no framework but NumPy stands between the model and the findings.

Usage: python examples/diagnose_torch_vae.py [epochs] [--defect]

--defect averages the KL over the latents, where KL(q(z|x) || p(z)) is their sum.
"""

import argparse

import numpy as np
import torch
from torch import nn

import keras_vae as kv
from keras_vae.diagnosis import diagnose

LATENTS = 8

parser = argparse.ArgumentParser()
parser.add_argument("epochs", type=int, nargs="?", default=60)
parser.add_argument("--defect", action="store_true")
options = parser.parse_args()

torch.manual_seed(0)
data = kv.load_data("digits")  # 8x8 images in [0, 1]
x_train = kv.data.binarize(data.train.x, "static", "train").reshape(-1, 64)
x_test = kv.data.binarize(data.test.x, "static", "test").reshape(-1, 64)

encoder = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 2 * LATENTS))
decoder = nn.Sequential(nn.Linear(LATENTS, 128), nn.ReLU(), nn.Linear(128, 64))  # logits


def posterior(x):
    """(z_mean, z_log_var) of q(z|x); z_log_var is the log of the VARIANCE."""
    return encoder(x).chunk(2, dim=1)


def draw(z_mean, z_log_var):
    return z_mean + torch.exp(z_log_var / 2) * torch.randn_like(z_mean)


def terms(x):
    """The training loss of a batch, and its two terms, nats."""
    z_mean, z_log_var = posterior(x)
    logits = decoder(draw(z_mean, z_log_var))
    entries = nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none")
    distortion = entries.sum(dim=1).mean()
    latents = 0.5 * (torch.exp(z_log_var) + z_mean**2 - 1 - z_log_var)
    rate = latents.mean() if options.defect else latents.sum(dim=1).mean()
    return {"loss": distortion + rate, "distortion": distortion, "rate": rate}


optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=2e-3)
for _ in range(options.epochs):
    for batch in torch.randperm(len(x_train)).split(50):
        optimizer.zero_grad()
        terms(torch.from_numpy(x_train[batch]))["loss"].backward()
        optimizer.step()


def on_arrays(function):
    """A function of tensors as one of NumPy arrays."""

    @torch.no_grad()
    def call(*arrays):
        return function(*(torch.from_numpy(np.asarray(array, "float32")) for array in arrays))

    return call


diagnosis = diagnose(
    encode=on_arrays(posterior),
    decode=on_arrays(decoder),
    likelihood="bernoulli_logits",
    data=x_train,
    test_data=x_test,
    training_draw=on_arrays(lambda x: draw(*posterior(x))),
    loss_fn=on_arrays(terms),
    cheap=True,  # leaves out what takes more than seconds
)

print(f"{diagnosis.verdict}: test ELBO {diagnosis.figures['elbo']:.2f} nats")
for finding in diagnosis.findings:
    follows = f", may follow from {finding.follows_from}" if finding.follows_from else ""
    print(f"\n{finding.severity}: {finding.name}{follows}")
    print(f"  {finding.evidence[0]}\n  {finding.cause}\n  {finding.remedy}")
print(f"\n{diagnosis.protocol}")
