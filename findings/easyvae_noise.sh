#!/bin/sh
# easyvae draws z with half of the standard deviation that its KL is computed for.
#
# Versions:  easyvae 1.3.3, numpy 2.4.6; Python 3.11, Linux on x86-64, CPU
# Guess: z = mean + std * eps with the std of the KL: a VAE.
# Behaviour: SampleLayer.forward multiplies eps * std by 0.5; its DKL, a mean over latents where a
# sum belongs, is that of std. A posterior whose KL is 0 is drawn as N(0, 0.25).
# Seen:
#   KL -0.000, std that it is computed for 1.000, std of z 0.499
#   KL of 4 latents of mean 1 and std 1: 0.500   (2.000 is right)
#
# Exit code 0: it still behaves so. 1: it does not. 2: the packages could not be installed.
# VENV=FOLDER keeps the environment there, for another run.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
venv=${VENV:-$folder/venv}
python3 -m venv "$venv"
"$venv/bin/pip" install -q easyvae==1.3.3 numpy==2.4.6 || exit 2
cd "$folder"
TF_CPP_MIN_LOG_LEVEL=3 "$venv/bin/python" - <<'END'
import numpy as np
from easyvae.activations import Identity
from easyvae.layers import SampleLayer

np.random.seed(0)
layer = SampleLayer(4, 0.0, Identity())
for network in (layer.mean_nn, layer.std_nn):
    network.W[:] = 0  # mean 0, log variance 0: the prior
z = np.stack([layer.forward(np.ones(4)) for _ in range(50_000)])
print(f"KL {layer.DKL():.3f}, std that it is computed for {layer.std[0]:.3f}, std of z {z.std():.3f}")
layer.mean_nn.B[:] = 1
layer.forward(np.ones(4))
print(f"KL of 4 latents of mean 1 and std 1: {layer.DKL():.3f}   (2.000 is right)")
assert abs(z.std() - 0.5) < 0.01
assert abs(layer.DKL() - 0.5) < 1e-6
END
