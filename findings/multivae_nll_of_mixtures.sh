#!/bin/sh
# multivae's NLL of MoPoE and MMVAE is not the model's: it depends on the batch size, or on chance.
#
# Versions:  multivae 1.0.3, pythae 0.1.2, torch 2.13.0 (CPU), torchvision 0.28.0; Python 3.11, Linux
# on x86-64, CPU. (multivae imports torchvision, whose wheel has operators for CUDA only: the script
# declares the names of two of them, so that it loads beside a torch for CPUs. None is used.)
# Guess: LikelihoodsEvaluator gives -log p(x) by importance sampling: an upper bound that falls with
# num_samples to -log p(x). The same decoders give the same figure under MVAE, MoPoE and MMVAE, which
# differ in their encoders.
# Behaviour: The weights are p(x, z) / q(z|x) with q the mixture of all experts, but z is not drawn from
# the mixture. MoPoE draws all z of a row from ONE expert, which the row's place in its batch decides:
# the first third of a batch from the first of three, and so on; a batch of one row from the last one,
# the product of all. MMVAE draws all z of a whole batch from one modality, picked at random. What comes
# out has a limit other than log p(x), and more samples do not help. If the expert is good and the
# others are not, each weight is too high by the number of experts: log 3 = 1.1 nats of three, and
# the figure is below the true one, for which it is taken. Here all is linear and Gaussian, the product
# of all experts is the exact p(z|x), and -log p(x) is known.
# Seen:
#   -log p(x) of 30 rows: 16.70 nats
#   MVAE: 16.70 in batches of 1, 16.70 of 3, 16.70 of 30
#   MoPoE: 16.14 in batches of 1, 17.61 of 3, 17.55 of 30; with 10 times the samples: 16.14, 17.57,
#   17.54
#   MMVAE: ten times the same batch of 30: 16.11 to 18.51
#
# Exit code 0: it still behaves so. 1: it does not. 2: the packages could not be installed.
# VENV=FOLDER keeps the environment there, for another run.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
venv=${VENV:-$folder/venv}
python3 -m venv "$venv"
"$venv/bin/pip" install -q torch==2.13.0 torchvision==0.28.0 multivae==1.0.3 pythae==0.1.2 || exit 2
cd "$folder"
"$venv/bin/python" -W ignore - 2>"$folder/log" <<'END' || { tail -5 "$folder/log"; exit 1; }
import math

import numpy as np
import torch

if torch.version.cuda is None:
    names = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        names.define(name + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

from multivae.data.datasets.base import MultimodalBaseDataset
from multivae.metrics import LikelihoodsEvaluator, LikelihoodsEvaluatorConfig
from multivae.models import (MMVAE, MVAE, MMVAEConfig, MoPoE, MoPoEConfig, MVAEConfig)
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseEncoder

torch.set_num_threads(1)
size, rows = 4, 30
slopes = {"a": 1.0, "b": 3.0}  # x_a = z + noise, x_b = 3 z + noise, z and both noises N(0, I)


class Encoder(BaseEncoder):
    """p(x|z) as a Gaussian of z, for products; or p(z|x) of this modality alone, for mixtures."""

    def __init__(self, slope, prior):
        super().__init__()
        self.latent_dim, self.precision = size, slope**2 + prior
        self.factor = slope / self.precision

    def forward(self, x):
        return ModelOutput(embedding=self.factor * x,
                           log_covariance=torch.full_like(x, -math.log(self.precision)))


class Decoder(BaseDecoder):
    def __init__(self, slope):
        super().__init__()
        self.latent_dim, self.slope = size, slope

    def forward(self, z):
        return ModelOutput(reconstruction=self.slope * z)


def model(kind, config, prior, **options):
    record = config(n_modalities=2, latent_dim=size, input_dims={"a": (size,), "b": (size,)},
                    decoders_dist={"a": "normal", "b": "normal"}, **options)
    return kind(record, encoders={name: Encoder(slope, prior) for name, slope in slopes.items()},
                decoders={name: Decoder(slope) for name, slope in slopes.items()})


torch.manual_seed(0)
np.random.seed(0)
z = torch.randn(rows, size)
x = {name: slope * z + torch.randn(rows, size) for name, slope in slopes.items()}
data = MultimodalBaseDataset(x)
slope = torch.tensor(list(slopes.values()))
p = torch.distributions.MultivariateNormal(torch.zeros(2), torch.outer(slope, slope) + torch.eye(2))
exact = -float(p.log_prob(torch.stack([x["a"], x["b"]], axis=-1)).sum(axis=1).mean())


def nll(model, batch, samples=1000):
    config = LikelihoodsEvaluatorConfig(batch_size=batch, num_samples=samples, batch_size_k=samples)
    return float(LikelihoodsEvaluator(model, data, eval_config=config).joint_nll())


product = model(MVAE, MVAEConfig, 0)
mopoe = model(MoPoE, MoPoEConfig, 0)
mmvae = model(MMVAE, MMVAEConfig, 1, prior_and_posterior_dist="normal")
of_product, of_mopoe = ([nll(each, batch) for batch in (1, 3, 30)] for each in (product, mopoe))
longer = [nll(mopoe, batch, 10_000) for batch in (1, 3, 30)]
of_mmvae = [nll(mmvae, 30) for _ in range(10)]
print(f"-log p(x) of 30 rows: {exact:.2f} nats")
print("MVAE: {:.2f} in batches of 1, {:.2f} of 3, {:.2f} of 30".format(*of_product))
print("MoPoE: {:.2f} in batches of 1, {:.2f} of 3, {:.2f} of 30; with 10 times the samples: "
      "{:.2f}, {:.2f}, {:.2f}".format(*of_mopoe, *longer))
print(f"MMVAE: ten times the same batch of 30: {min(of_mmvae):.2f} to {max(of_mmvae):.2f}")
assert max(abs(each - exact) for each in of_product) < 0.01
assert of_mopoe[0] < exact - 0.3 and longer[0] < exact - 0.3
assert min(longer[1:]) > exact + 0.1
assert max(of_mmvae) - min(of_mmvae) > 0.5
assert min(of_mmvae) < exact - 0.2
END
