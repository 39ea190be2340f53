#!/bin/sh
# pythae's MIWAE and PIWAE swap the number of samples and the number of gradient estimates.
#
# Versions:  pythae 0.1.2, torch 2.13.0 (CPU); Python 3.11, Linux on x86-64, CPU
# Guess: MIWAE(number_gradient_estimates=M, number_samples=K) averages M estimates of the bound L_K
# of K samples each. With M = 1 it is an IWAE of K samples, with K = 1 a VAE.
# Behaviour: The importance weights are normalised over the M estimates, and the mean is taken over
# the K samples: what is trained is L_M. With M = 1 and any K it is a VAE, with K = 1 an IWAE of M
# samples; the default, 5 and 10, trains L_5 in place of L_10. So does the encoder's loss of PIWAE.
# Nothing in the losses shows it: more samples look like less noise. A figure over K or M from this
# package has its axes swapped. Here x = 8 is seen with a noise of 1 on 4 |z|, so that p(z|x) has
# two modes, at +2 and -2: a VAE keeps to one of them, an IWAE of 50 samples covers both.
# Seen:
#   standard deviation of q(z|x), of a VAE: 0.24, of an IWAE of 50 samples: 1.64
#   MIWAE, 1 estimate of 50 samples: 0.24, 50 estimates of 1 sample: 1.64
#   PIWAE, 1 estimate of 50 samples: 0.24, 50 estimates of 1 sample: 1.64
#   exact log p(x) -3.52; L_50 of the q of MIWAE with 1 estimate: -4.22, of the IWAE: -3.57
#
# Exit code 0: it still behaves so. 1: it does not. 2: the packages could not be installed.
# VENV=FOLDER keeps the environment there, for another run.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
venv=${VENV:-$folder/venv}
python3 -m venv "$venv"
"$venv/bin/pip" install -q torch==2.13.0 pythae==0.1.2 || exit 2
cd "$folder"
"$venv/bin/python" -W ignore - <<'END'
import math

import torch
from pythae.models import (
    IWAE,
    MIWAE,
    PIWAE,
    VAE,
    IWAEConfig,
    MIWAEConfig,
    PIWAEConfig,
    VAEConfig,
)
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseEncoder

torch.set_num_threads(1)
normal = torch.distributions.Normal
seen = 8.0


class OneQ(BaseEncoder):
    """q(z|x) of one latent, the same for all x."""

    def __init__(self):
        super().__init__()
        self.mean = torch.nn.Parameter(torch.tensor([[0.5]]))
        self.log_var = torch.nn.Parameter(torch.tensor([[0.0]]))

    def forward(self, x):
        return ModelOutput(embedding=self.mean.expand(len(x), 1),
                           log_covariance=self.log_var.expand(len(x), 1))


class Fold(BaseDecoder):
    def forward(self, z):
        return ModelOutput(reconstruction=4 * z.abs())


def trained(kind, config, **options):
    """Mean and standard deviation of q."""
    torch.manual_seed(0)
    model = kind(config(input_dim=(1,), latent_dim=1, **options), OneQ(), Fold())
    optimizer = torch.optim.Adam(model.encoder.parameters(), lr=0.02)
    x = torch.full((20, 1), seen)
    for _ in range(1000):
        optimizer.zero_grad()
        output = model({"data": x})
        (output.encoder_loss if kind is PIWAE else output.loss).backward()
        optimizer.step()
    return model.encoder.mean.item(), (model.encoder.log_var / 2).exp().item()


def log_joint(z):
    return normal(4 * z.abs(), 1).log_prob(torch.tensor(seen)) + normal(0, 1).log_prob(z)


def bound(q, samples):
    torch.manual_seed(1)
    q = normal(*q)
    z = q.sample((20_000, samples))
    log_w = log_joint(z) - q.log_prob(z)
    return float((log_w.logsumexp(1) - math.log(samples)).mean())


few = {"number_gradient_estimates": 1, "number_samples": 50}
many = {"number_gradient_estimates": 50, "number_samples": 1}
plain, iwae = trained(VAE, VAEConfig), trained(IWAE, IWAEConfig, number_samples=50)
print(f"standard deviation of q(z|x), of a VAE: {plain[1]:.2f}, of an IWAE of 50 samples: "
      f"{iwae[1]:.2f}")
found = {}
for kind, config in ((MIWAE, MIWAEConfig), (PIWAE, PIWAEConfig)):
    found[kind] = trained(kind, config, **few), trained(kind, config, **many)
    print(f"{kind.__name__}, 1 estimate of 50 samples: {found[kind][0][1]:.2f}, 50 estimates of 1 "
          f"sample: {found[kind][1][1]:.2f}")
grid = torch.linspace(-6, 6, 20_001, dtype=torch.float64)
exact = float(log_joint(grid).logsumexp(0) + math.log(12 / 20_000))
of_miwae, of_iwae = bound(found[MIWAE][0], 50), bound(iwae, 50)
print(f"exact log p(x) {exact:.2f}; L_50 of the q of MIWAE with 1 estimate: {of_miwae:.2f}, of the "
      f"IWAE: {of_iwae:.2f}")
assert plain[1] < 0.3 and iwae[1] > 1.5
for swapped in found.values():
    assert abs(swapped[0][1] - plain[1]) < 0.03 and swapped[1] == iwae
assert of_miwae < exact - 0.5 and exact - 0.1 < of_iwae <= exact
END
