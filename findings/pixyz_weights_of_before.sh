#!/bin/sh
# pixyz does not run a network again for the same tensor: its figures belong to older weights.
#
# Versions:  pixyz 0.3.3, torch 2.13.0 (CPU), numpy 2.4.6; Python 3.11, Linux on x86-64, CPU
# Guess: `eval` of a loss gives its value for the present weights, as often as it is asked.
# Behaviour: The parameters of a distribution are kept for the last 20 inputs, by the identity of
# the tensor. While one is kept, q(z|x) of the same tensor is what it was, whatever the weights have
# become since: after steps of an optimizer, and after weights were set in place. Who holds the validation rows in one tensor, and takes few steps between two looks,
# sees the KL of the encoder of the first look for ever, and an error for its z; early stopping and
# the choice of a checkpoint act on it. A copy of the tensor (`x.clone()`) gives the right figure.
# Here a VAE is trained for 5 epochs of 4 batches, and its KL on 100 other rows is asked for after
# each.
# Seen:
#   KL after each epoch, of the tensor: 1.128, 1.128, 1.128, 1.128, 1.128
#   of a copy of it:                    1.128, 0.743, 0.979, 1.456, 2.071
#   by the formula:                     1.128, 0.743, 0.979, 1.456, 2.071
#   all means set to 7: mean of z 0.05, of a copy 7.00
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
import torch
from pixyz.distributions import Normal
from pixyz.losses import KullbackLeibler
from pixyz.models import VAE

torch.set_num_threads(1)
torch.manual_seed(0)


class Encoder(Normal):
    def __init__(self):
        super().__init__(cond_var=["x"], var=["z"], name="q")
        self.mean, self.log_sd = torch.nn.Linear(4, 2), torch.nn.Linear(4, 2)

    def forward(self, x):
        return {"loc": self.mean(x), "scale": self.log_sd(x).exp()}


class Decoder(Normal):
    def __init__(self):
        super().__init__(cond_var=["z"], var=["x"], name="p")
        self.mean = torch.nn.Linear(2, 4)

    def forward(self, z):
        return {"loc": self.mean(z), "scale": torch.tensor(0.1)}


def kl_by_formula(q, x):
    mean, log_sd = q.mean(x), q.log_sd(x)
    return float((((2 * log_sd).exp() + mean**2 - 1) / 2 - log_sd).sum(axis=1).mean())


def rounded(values):
    return ", ".join(f"{value:.3f}" for value in values)


q, p = Encoder(), Decoder()
prior = Normal(loc=torch.zeros(2), scale=torch.ones(2), var=["z"], features_shape=[2], name="prior")
kl = KullbackLeibler(q, prior)
model = VAE(q, p, regularizer=kl, optimizer=torch.optim.Adam, optimizer_params={"lr": 0.02})
rows, held_out = torch.randn(400, 1) * torch.ones(4), torch.randn(100, 1) * torch.ones(4)
asked, of_copy, right = [], [], []
for _ in range(5):
    for batch in rows.split(100):
        model.train({"x": batch})
    with torch.no_grad():
        asked.append(float(kl.eval({"x": held_out}).mean()))
        of_copy.append(float(kl.eval({"x": held_out.clone()}).mean()))
        right.append(kl_by_formula(q, held_out))
print("KL after each epoch, of the tensor: " + rounded(asked))
print("of a copy of it:                    " + rounded(of_copy))
print("by the formula:                     " + rounded(right))
with torch.no_grad():
    q.mean.weight.zero_()
    q.mean.bias.fill_(7.0)
    old = q.sample_mean({"x": held_out})
    new = q.sample_mean({"x": held_out.clone()})
print(f"all means set to 7: mean of z {float(old.mean()):.2f}, of a copy {float(new.mean()):.2f}")
assert len(set(asked)) == 1 and asked[0] == of_copy[0]
assert max(abs(a - b) for a, b in zip(of_copy, right)) < 1e-4
assert abs(asked[-1] - right[-1]) > 0.1
assert float(new.mean()) == 7 and float(old.mean()) < 6
END
