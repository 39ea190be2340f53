"""A training in Weights & Biases: its own callback records what those before it put into `logs`.

Needs: pip install wandb
Usage: python examples/track_with_wandb.py [epochs]

WANDB_MODE=offline needs no account and no network; `wandb sync` sends such a run later.
"""

import sys

import wandb
from wandb.integration.keras import WandbMetricsLogger

import keras_vae as kv
from keras_vae.monitoring import LatentRates, TrainingState
from keras_vae.networks import mlp_decoder, mlp_encoder

epochs = int(sys.argv[1]) if len(sys.argv) > 1 else 10
data = kv.load_data("digits")  # 8x8 images in [0, 1]
x_train = kv.data.binarize(data.train.x, "static", "train")
x_validation = kv.data.binarize(data.validation.x, "static", "validation")

vae = kv.VAE(mlp_encoder((8, 8), 3, hidden=(64,)), mlp_decoder((8, 8), 3, hidden=(64,)))
vae.compile("adam")
with wandb.init(project="keras_vae", config={"data": "digits", "latent": 3}) as run:
    vae.fit(
        x_train,
        validation_data=(x_validation,),
        epochs=epochs,
        verbose=2,
        callbacks=[
            LatentRates(x_validation),
            TrainingState(x_train[:128]),
            WandbMetricsLogger(),  # after those whose figures it shall record
        ],
    )
    print("Weights & Biases recorded:")
    for name in sorted(run.summary.keys()):
        if name.startswith("epoch/"):
            print(f"  {name} {run.summary[name]:.3f}")
