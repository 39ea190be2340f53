#!/bin/sh
# pixyz's MMD has no gradient by default, and with one its minimum is not at p = q.
#
# Versions:  pixyz 0.3.3, torch 2.13.0 (CPU), numpy 2.4.6; Python 3.11, Linux on x86-64, CPU
# Guess: MMD(p, q) estimates E k(z, z') + E k(z, z') - 2 E k(z, z') from the N rows of the batch, as
# its documentation writes: 0 on average where p = q, and smallest there. Added to the error it
# trains the encoder, as every other loss of pixyz does.
# Behaviour: The draws are made without reparameterisation: `eval` and `Model.train` give a value
# that no parameter of a Gaussian q is trained by, unless `reparam=True` is passed to them; beside
# another term nothing shows it. The sums over N x N pairs of rows are divided by D (D - 1) and by D
# squared, with D latents: the value grows with the square of the batch size. And the terms do not
# balance: two draws of q repel each other D / (D - 1) times as much as draws of p attract them,
# with 2 latents twice. The minimum is then at a standard deviation of 1.77 for a prior of 1; with
# one latent the value is infinite. The kernel here is the default, exp(-|z - z'|^2 / 2).
# Seen:
#   p = q, 2 latents, 10 rows: MMD 24.4; by the formula 0.008; divided by latents 23.3
#   p = q, 2 latents, 100 rows: MMD 1740.9; by the formula 0.000; divided by latents 1733.3
#   p = q, 8 latents, 10 rows: MMD 0.4; by the formula -0.002; divided by latents 0.4
#   p = q, 8 latents, 100 rows: MMD 4.1; by the formula -0.000; divided by latents 4.1
#   has a gradient: MMD False, with reparam=True True; another expectation True
#   2 latents, sd of q trained to the prior N(0, I): 1.77; by the formula 1.03
#
# Exit code 0: it still behaves so. 1: it does not. 2: the packages could not be installed.
# VENV=FOLDER keeps the environment there, for another run.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
venv=${VENV:-$folder/venv}
python3 -m venv "$venv"
"$venv/bin/pip" install -q torch==2.13.0 pixyz==0.3.3 numpy==2.4.6 || exit 2
cd "$folder"
"$venv/bin/python" -W ignore - <<'END'
import numpy as np
import torch
from pixyz.distributions import Normal
from pixyz.losses import MMD

torch.set_num_threads(1)


class Spread(Normal):
    """q(z|x) = N(0, s^2), the same for all x."""

    def __init__(self, latents):
        super().__init__(cond_var=["x"], var=["z"], name="q")
        self.latents = latents
        self.log_scale = torch.nn.Parameter(torch.tensor(0.0))

    def forward(self, x):
        zeros = torch.zeros(len(x), self.latents)
        return {"loc": zeros, "scale": self.log_scale.exp() + zeros}


def prior(latents):
    return Normal(loc=torch.zeros(latents), scale=torch.ones(latents), var=["z"],
                  features_shape=[latents], name="p")


def kernel_sum(a, b):
    return torch.exp(-((a[:, None] - b[None]) ** 2).sum(-1) / 2).sum()


def unbiased(p, q):
    """MMD^2 of these draws by its formula."""
    rows = len(p)
    same = (kernel_sum(p, p) + kernel_sum(q, q) - 2 * rows) / (rows * (rows - 1))
    return same - 2 * kernel_sum(p, q) / rows**2


values = {}
for latents in (2, 8):
    for size in (10, 100):
        torch.manual_seed(0)
        mmd = MMD(prior(latents), Spread(latents))
        got = np.mean([float(mmd.eval({"x": torch.zeros(size, 1)}).detach()) for _ in range(50)])
        right = np.mean([float(unbiased(torch.randn(size, latents), torch.randn(size, latents)))
                         for _ in range(50)])
        of_two = 3.0 ** (-latents / 2)  # mean of the kernel of two draws of N(0, I)
        pairs = latents * (latents - 1)
        by_latents = (2 * (size + size * (size - 1) * of_two) / pairs
                      - 2 * size**2 * of_two / latents**2)
        values[latents, size] = got, right, by_latents
        print(f"p = q, {latents} latents, {size} rows: MMD {got:.1f}; by the formula {right:.3f}; "
              f"divided by latents {by_latents:.1f}")


def trained(loss, q):
    torch.manual_seed(0)
    optimizer = torch.optim.Adam(q.parameters(), lr=0.03)
    for _ in range(200):
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
    return float(q.log_scale.detach().exp())


def rows():
    return {"x": torch.zeros(200, 1)}


q = Spread(2)
mmd = MMD(prior(2), q)
plain, asked = (mmd.eval(rows(), **options).requires_grad for options in ({}, {"reparam": True}))
error = (q.log_prob().expectation(q)).eval(rows()).requires_grad
print(f"has a gradient: MMD {plain}, with reparam=True {asked}; another expectation {error}")
wide = trained(lambda: mmd.eval(rows(), reparam=True), q)
q = Spread(2)
right = trained(lambda: unbiased(torch.randn(200, 2), q.sample(rows(), reparam=True)["z"]), q)
print(f"2 latents, sd of q trained to the prior N(0, I): {wide:.2f}; by the formula {right:.2f}")
for got, zero, by_latents in values.values():
    assert abs(zero) < 0.05 and abs(got - by_latents) < 0.1 * by_latents
assert asked and error and not plain
assert abs(wide - 1.77) < 0.15 and abs(right - 1) < 0.1
END
