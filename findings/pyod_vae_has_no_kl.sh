#!/bin/sh
# pyod's VAE has no KL term by default: beta changes nothing, bit for bit.
#
# Versions:  pyod 3.6.7, torch 2.13.0 (CPU), scikit-learn as pyod resolves it; Python 3.11, Linux
# on x86-64, CPU. tqdm is installed beside them: pyod's VAE imports it, and no extra of pyod asks
# for it.
# Guess: The loss is reconstruction + beta * KL, as documented, and `capacity=0.0` is the plain VAE:
# Burgess et al. 2018 have beta * |KL - capacity|.
# Behaviour: The KL is cut to the range from 0 to capacity. With the default capacity of 0 that is
# 0, and so is its gradient: what is trained is an autoencoder with noise that shrinks, whatever
# beta is. With a capacity above 0 the KL counts as long as it is BELOW the capacity, and is free
# above it, the other way round: it can end near 0, where it was to be held at the capacity.
# Seen:
#   beta 1 and beta 1000: the same scores of all 500 rows, bit for bit: True
#   gradient of the KL by the mean, where it is 0.25: 0.0 at capacity 0, 0.125 at capacity 1
#   capacity 0: KL 3.26 nats; capacity 5, beta 1: KL 0.006 nats
#
# Exit code 0: it still behaves so. 1: it does not. 2: the packages could not be installed.
# VENV=FOLDER keeps the environment there, for another run.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
venv=${VENV:-$folder/venv}
python3 -m venv "$venv"
"$venv/bin/pip" install -q torch==2.13.0 pyod==3.6.7 tqdm || exit 2
cd "$folder"
"$venv/bin/python" -W ignore - <<'END'
import torch
from pyod.models.vae import VAE, vae_loss
from pyod.utils.data import generate_data

train, test, _, _ = generate_data(500, 500, 10, random_state=0)
x = torch.as_tensor((train - train.mean(axis=0)) / train.std(axis=0)).float()


def fitted(**options):
    """Scores of the test rows, with the same noise, and the mean KL of the training rows."""
    detector = VAE(verbose=0, **options).fit(train)
    with torch.no_grad():
        _, mean, log_var = detector.model(x)
    kl = (mean**2 + log_var.exp() - 1 - log_var).sum(axis=1).mean() / 2
    torch.manual_seed(0)
    return detector.decision_function(test), float(kl)


def gradient(capacity):
    """Of the loss by one mean of q(z|x) = N(0.5, I), two latents, four rows."""
    mean = torch.full((4, 2), 0.5, requires_grad=True)
    vae_loss(torch.zeros(4, 3), torch.zeros(4, 3), mean, torch.zeros(4, 2),
             capacity=capacity).backward()
    return float(mean.grad[0, 0])


usual, kl = fitted()
heavy, _ = fitted(beta=1000.0)
_, held = fitted(capacity=5.0)
same = bool((usual == heavy).all())
print(f"beta 1 and beta 1000: the same scores of all 500 rows, bit for bit: {same}")
print(f"gradient of the KL by the mean, where it is 0.25: {gradient(0.0)} at capacity 0, "
      f"{gradient(1.0)} at capacity 1")
print(f"capacity 0: KL {kl:.2f} nats; capacity 5, beta 1: KL {held:.3f} nats")
assert same
assert gradient(0.0) == 0
assert gradient(1.0) == 0.125
assert kl > 1
assert held < 0.1
END
