#!/bin/sh
# pythae's HVAE draws z with another variance than its loss counts, and its tempering does nothing.
#
# Versions:  pythae 0.1.2, torch 2.13.0 (CPU); Python 3.11, Linux on x86-64, CPU
# Guess: The loss is minus the bound of a Hamiltonian VAE: z0 is drawn from N(mean, variance) with
# the log variance that the encoder returns, then moved by leapfrog steps, tempered from beta_zero
# to 1, that keep the volume but for the tempering. With steps of almost 0 it is a VAE.
# Behaviour: z0 is drawn with a standard deviation of softplus(log variance), while the loss counts
# log variance / 2 as its logarithm. The minimum lies elsewhere: a sharp q(z|x) is trained to
# 1/sqrt(2) of the right standard deviation, and a latent that tells nothing to 0.86 in place of 1;
# exp(log variance / 2) is neither of them. The tempered momentum is overwritten by the one before
# tempering: beta_zero widens the first momentum and never cools it. The position moves by the
# momentum from before the half step, so that the map does not keep the volume either, and the loss
# has no term for that. Here p(z) = N(0, 1), and x = 1 is seen with a noise of 1 on a z.
# Seen:
#   a 0: right sd of q 1.000; VAE 1.00; HVAE draws 0.86, its exp(log variance / 2) is 1.17
#   a 3: right sd of q 0.316; VAE 0.32; HVAE draws 0.24, its exp(log variance / 2) is 0.52
#   3 steps of 0.3, a 0: volume of (z, momentum) times 1.141; right, from beta_zero 0.3: 0.548
#   without the tempering function: the same z, bit for bit: True
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
import torch
from pythae.models import HVAE, VAE, HVAEConfig, VAEConfig
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseEncoder

torch.set_num_threads(1)


class OneQ(BaseEncoder):
    """q(z|x) of one latent, the same for all x."""

    def __init__(self):
        super().__init__()
        self.mean = torch.nn.Parameter(torch.zeros(1, 1))
        self.log_var = torch.nn.Parameter(torch.zeros(1, 1))

    def forward(self, x):
        return ModelOutput(embedding=self.mean.expand(len(x), 1),
                           log_covariance=self.log_var.expand(len(x), 1))


class Times(BaseDecoder):
    def __init__(self, slope):
        super().__init__()
        self.slope = slope

    def forward(self, z):
        return ModelOutput(reconstruction=self.slope * z)


def model(kind, config, slope, **options):
    torch.manual_seed(0)
    return kind(config(input_dim=(1,), latent_dim=1, **options), OneQ(), Times(slope))


def trained(model):
    """Standard deviation of the z that are decoded, and exp(log variance / 2)."""
    optimizer = torch.optim.Adam(model.encoder.parameters(), lr=0.03)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 600)
    x = torch.ones(2000, 1)
    for _ in range(600):
        optimizer.zero_grad()
        model({"data": x}).loss.backward()
        optimizer.step()
        schedule.step()
    drawn = model({"data": torch.ones(200_000, 1)}).z
    return float(drawn.std()), float((model.encoder.log_var / 2).exp())


found = {}
for slope in (0.0, 3.0):
    right = (1 + slope**2) ** -0.5
    plain, _ = trained(model(VAE, VAEConfig, slope))
    drawn, stated = trained(model(HVAE, HVAEConfig, slope))
    found[slope] = right, plain, drawn, stated
    print(f"a {slope:.0f}: right sd of q {right:.3f}; VAE {plain:.2f}; HVAE draws {drawn:.2f}, its "
          f"exp(log variance / 2) is {stated:.2f}")

large = {"n_lf": 3, "eps_lf": 0.3, "beta_zero": 0.3}
moved = model(HVAE, HVAEConfig, 0.0, **large)
out = moved({"data": torch.ones(1000, 1)})
before = torch.hstack([out.z0, out.gamma / 0.3**0.5]).detach().double()
after = torch.hstack([out.z, out.rho]).detach().double()
matrix = torch.linalg.lstsq(before, after).solution
assert torch.allclose(before @ matrix, after, atol=1e-4)  # the map is linear here
volume = float(torch.linalg.det(matrix).abs())
print(f"3 steps of 0.3, a 0: volume of (z, momentum) times {volume:.3f}; right, from beta_zero "
      f"0.3: {0.3**0.5:.3f}")
cold = model(HVAE, HVAEConfig, 0.0, **large)
cold._tempering = lambda step, steps: cold.beta_zero_sqrt
torch.manual_seed(1)
z = moved({"data": torch.ones(1000, 1)}).z
torch.manual_seed(1)
same = bool((z == cold({"data": torch.ones(1000, 1)}).z).all())
print(f"without the tempering function: the same z, bit for bit: {same}")
for slope, (right, plain, drawn, stated) in found.items():
    assert abs(plain / right - 1) < 0.03
    assert drawn < 0.9 * right and stated > 1.1 * right
assert abs(volume - (1 + 0.3**2 / 2) ** 3) < 1e-3
assert same
END
