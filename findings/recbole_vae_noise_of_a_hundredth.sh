#!/bin/sh
# RecBole's MultiVAE and RecVAE draw z with a hundredth of the standard deviation of their KL.
#
# Versions:  recbole 1.2.1, torch 2.13.0 (CPU), numpy 1.26.4, pandas 2.3.3, scipy 1.12.0, setuptools
# 80.9.0; Python 3.11, Linux on x86-64, CPU
# Guess: In training z is drawn from q(z|x) = N(mean, exp(log variance)), for which the KL is computed:
# the loss, with a weight of 1 for the KL, is minus an ELBO. `latent_dimension` is the number of
# latents.
# Behaviour: The noise has a standard deviation of 0.01, and is then multiplied by that of q. So the
# network keeps the log variance at 0, which costs no KL, shrinks the means until they just stand out
# of noise a hundred times as small, and pays next to nothing: an autoencoder whose KL says nothing.
# The weights that one finds for the KL (`anneal_cap`) hold for no other VAE. With a draw from the q
# of its KL the same trained model is worse than one that knows nothing. `latent_dimension` is twice
# the number of latents. Here 200 users have 8 random items of 40 each, the KL has a weight of 1, and
# no input is dropped.
# Seen:
#   q = N(0, 1): standard deviation of z in training 0.0100, in MultiVAE and 0.0100 in RecVAE
#   MultiVAE of latent_dimension 8: 4 latents
#   trained: error 23.07 + KL 0.39 = 23.46 nats
#   minus the ELBO of the same model, z drawn from q: 47.02; all items equally likely: 29.51
#
# Exit code 0: it still behaves so. 1: it does not. 2: the packages could not be installed.
# VENV=FOLDER keeps the environment there, for another run.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
venv=${VENV:-$folder/venv}
python3 -m venv "$venv"
"$venv/bin/pip" install -q torch==2.13.0 recbole==1.2.1 numpy==1.26.4 pandas==2.3.3 scipy==1.12.0 \
    setuptools==80.9.0 || exit 2
cd "$folder"
"$venv/bin/python" -W ignore - 2>"$folder/log" <<'END' || { tail -5 "$folder/log"; exit 1; }
import os

import numpy as np
import torch
from recbole.config import Config
from recbole.data import create_dataset, data_preparation
from recbole.data.interaction import Interaction
from recbole.model.general_recommender import MultiVAE, RecVAE

torch.set_num_threads(1)
users, items, chosen = 200, 40, 8
rng = np.random.default_rng(0)
os.mkdir("toy")
with open("toy/toy.inter", "w") as file:
    print("user_id:token", "item_id:token", "timestamp:float", sep="\t", file=file)
    for user in range(users):
        for time, item in enumerate(rng.choice(items, chosen, replace=False)):
            print(user, item, time, sep="\t", file=file)


def model(kind, **options):
    options = dict(options, data_path=".", use_gpu=False, train_neg_sample_args=None,
                   eval_args={"split": {"RS": [1, 0, 0]}}, show_progress=False)
    config = Config(model=kind.__name__, dataset="toy", config_dict=options)
    data, _, _ = data_preparation(config, create_dataset(config))
    torch.manual_seed(0)
    return kind(config, data.dataset).train()


def sd_in_training(model):
    return float(model.reparameterize(torch.zeros(10_000, 4), torch.zeros(10_000, 4)).std())


vae = model(MultiVAE, latent_dimension=8, mlp_hidden_size=[32], anneal_cap=1.0, total_anneal_steps=0,
            dropout_prob=0.0)
of_multi, of_rec = sd_in_training(vae), sd_in_training(model(RecVAE))
print(f"q = N(0, 1): standard deviation of z in training {of_multi:.4f}, in MultiVAE and {of_rec:.4f} "
      "in RecVAE")
everyone = torch.arange(1, users + 1)
x = vae.get_rating_matrix(everyone)
latents = vae(x)[1].shape[1]
print(f"MultiVAE of latent_dimension 8: {latents} latents")
optimizer = torch.optim.Adam(vae.parameters(), lr=1e-3)
for _ in range(2500):
    optimizer.zero_grad()
    vae.calculate_loss(Interaction({"user_id": everyone})).backward()
    optimizer.step()


def error(logits):
    return float(-(torch.log_softmax(logits, axis=1) * x).sum(axis=1).mean())


with torch.no_grad():
    logits, mean, log_var = vae(x)
    kl = float((mean**2 + log_var.exp() - 1 - log_var).sum(axis=1).mean() / 2)
    reported = error(logits)
    loss = float(vae.calculate_loss(Interaction({"user_id": everyone})))
    of_draws = np.mean([
        error(vae.decoder(mean + (log_var / 2).exp() * torch.randn_like(mean))) for _ in range(100)
    ])
blind = chosen * np.log(items)
print(f"trained: error {reported:.2f} + KL {kl:.2f} = {loss:.2f} nats")
print(f"minus the ELBO of the same model, z drawn from q: {of_draws + kl:.2f}; all items equally "
      f"likely: {blind:.2f}")
assert abs(of_multi - 0.01) < 1e-3 and abs(of_rec - 0.01) < 1e-3
assert latents == 4
assert abs(reported + kl - loss) < 0.1 and kl < 0.5
assert loss < blind - 3
assert of_draws + kl > blind + 3
END
