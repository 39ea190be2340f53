#!/bin/sh
# beta of deeptime's TVAE is divided by the batch size and by the number of columns: it hardly acts.
#
# Versions:  deeptime 0.5.0, torch 2.13.0 (CPU), numpy 2.4.6; Python 3.11, Linux on x86-64, CPU
# Guess: The loss of a row is its squared error plus beta times its KL, and beta = 1, the default, is
# the variational autoencoder. The batch size changes speed and noise, not what is trained.
# Behaviour: The squared error is summed over the batch, the KL is averaged over it, and then divided
# by the number of columns. With N rows a batch and D columns the weight of a row's KL against its
# error is beta / (N D): 1/2000 for 500 rows of 4 columns. What is trained is an autoencoder almost
# without noise; to have a beta of 1, pass N D. Here a mode is seen in four columns with a noise of
# variance 1/2, which is the p(x|z) of an unweighted squared error: the best KL is log(9)/2 = 1.10.
# Seen:
#   loss of N rows of D columns whose errors are all 1 and whose KL is 1 nat, beta 1:
#   N 1, D 1: 1 + 1.000; N 10, D 1: 10 + 1.000; N 10, D 5: 50 + 0.200; N 100, D 5: 500 + 0.200
#   trained, beta 1, batches of 50: KL 7.07 nats; of 500: 11.78 nats
#   trained, beta 200 = N D, batches of 50: KL 1.15 nats; the best is 1.10 nats
#
# Exit code 0: it still behaves so. 1: it does not. 2: the packages could not be installed.
# VENV=FOLDER keeps the environment there, for another run.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
venv=${VENV:-$folder/venv}
python3 -m venv "$venv"
"$venv/bin/pip" install -q torch==2.13.0 deeptime==0.5.0 numpy==2.4.6 || exit 2
cd "$folder"
"$venv/bin/python" -W ignore - <<'END'
import math

import torch
from deeptime.decomposition.deep import TVAE, TVAEEncoder
from deeptime.util.torch import MLP
from torch.utils.data import DataLoader, TensorDataset

torch.set_num_threads(1)


class OneNat(torch.nn.Module):
    """q(z|x) = N(1, I) in two latents: a KL of 1 nat."""

    def __init__(self):
        super().__init__()
        self.mean = torch.nn.Parameter(torch.ones(2))

    def forward(self, x):
        mean = self.mean.expand(len(x), 2)
        return mean, torch.zeros_like(mean)


class Zeros(torch.nn.Module):
    """Decodes every z to 0 in all columns."""

    def __init__(self, columns):
        super().__init__()
        self.bias = torch.nn.Parameter(torch.zeros(columns))

    def forward(self, z):
        return self.bias.expand(len(z), -1)


def terms(rows, columns):
    x = torch.ones(rows, columns)
    error, loss = (
        float(TVAE(OneNat(), Zeros(columns), beta=beta).evaluate_loss(x, x).detach())
        for beta in (0.0, 1.0)
    )
    return error, loss - error


def kl_of_trained(beta, batch, epochs):
    """With a lag of 0, so that the best KL is known."""
    torch.manual_seed(0)
    x = torch.randn(2000, 1) + math.sqrt(0.5) * torch.randn(2000, 4)
    encoder = TVAEEncoder([4, 16, 2])
    decoder = MLP([2, 16, 4], nonlinearity=torch.nn.ELU, initial_batchnorm=False)
    loader = DataLoader(TensorDataset(x, x), batch_size=batch, shuffle=True)
    TVAE(encoder, decoder, learning_rate=3e-3, beta=beta).fit(loader, n_epochs=epochs)
    with torch.no_grad():
        mean, log_var = encoder(x)
    return float((mean**2 + log_var.exp() - 1 - log_var).sum(axis=1).mean() / 2)


shapes = [(1, 1), (10, 1), (10, 5), (100, 5)]
found = [terms(*shape) for shape in shapes]
print("loss of N rows of D columns whose errors are all 1 and whose KL is 1 nat, beta 1:")
print("; ".join(f"N {rows}, D {columns}: {error:.0f} + {kl:.3f}"
                for (rows, columns), (error, kl) in zip(shapes, found)))
small, large, right = (kl_of_trained(1.0, 50, 40), kl_of_trained(1.0, 500, 400),
                       kl_of_trained(200.0, 50, 40))
best = math.log(9) / 2
print(f"trained, beta 1, batches of 50: KL {small:.2f} nats; of 500: {large:.2f} nats")
print(f"trained, beta 200 = N D, batches of 50: KL {right:.2f} nats; the best is {best:.2f} nats")
for (rows, columns), (error, kl) in zip(shapes, found):
    assert abs(error - rows * columns) < 1e-3 and abs(kl - 1 / columns) < 1e-3
assert small > 5 and large > 5
assert abs(right - best) < 0.2
END
