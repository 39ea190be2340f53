#!/bin/sh
# Half of what pythae's VAMP learns as pseudo-inputs starts at 0 with a gradient of exactly 0.
#
# Versions:  pythae 0.1.2, torch 2.13.0 (CPU); Python 3.11, Linux on x86-64, CPU
# Guess: The pseudo-inputs of a VampPrior start somewhere in the range of the data, and all of their
# entries are trained.
# Behaviour: They are Hardtanh(0, 1) of a linear layer with its usual start, which is symmetric
# about 0 and narrow: all pseudo-inputs are nearly the same image, near 0, and about half of the
# entries are cut at 0, where the gradient is exactly 0. While training goes on, more are cut. Of
# 500 components and 784 entries most are then never trained again.
# Seen:
#   at the start: 50.5% of the entries are 0, all without a gradient; the largest is 0.089
#   after 200 steps: 77.7% of the entries are 0
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
"$venv/bin/python" - <<'END'
import torch
from pythae.models import VAMP, VAMPConfig

torch.manual_seed(0)
model = VAMP(VAMPConfig(input_dim=(1, 28, 28), latent_dim=10, number_components=500,
                        reconstruction_loss="bce"))
x = (torch.rand(128, 1, 28, 28) < 0.3).float()
(weight,) = (each for each in model.pseudo_inputs.parameters() if each.ndim == 2)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)


def backward():
    optimizer.zero_grad()
    model({"data": x}).loss.backward()


def cut():
    """Which entries are 0, (784, 500), and the largest entry."""
    with torch.no_grad():
        u = model.pseudo_inputs(model.idle_input)
    return (u == 0).T, float(u.max())


at_zero, largest = cut()
backward()
without = weight.grad == 0
share = float(at_zero.float().mean())
print(f"at the start: {share:.1%} of the entries are 0, all without a gradient; "
      f"the largest is {largest:.3f}")
for _ in range(200):
    backward()
    optimizer.step()
later = float(cut()[0].float().mean())
print(f"after 200 steps: {later:.1%} of the entries are 0")
assert bool((without == at_zero).all())
assert 0.4 < share < 0.6
assert largest < 0.2
assert later > 0.7
END
