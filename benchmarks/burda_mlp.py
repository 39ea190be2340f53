"""Does the package reach the published log p(x) of the 784-200-200-50 VAE of Burda et al. 2016?

The network, data and bound of arXiv:1509.00519, table 1 (one stochastic layer, k = 1: 86.76 nats
by L_5000): two tanh layers of 200 units each way, 50 latents, all 60,000 training digits,
binarised anew at each presentation. The schedule is shorter: theirs runs 3,280 epochs in batches
of 20, this one EPOCHS epochs in batches of 128 with a cosine from 1e-3 down to 1e-5.

Usage: python benchmarks/burda_mlp.py [path of mnist.npz] [folder that receives the model]
A model that is in the folder already is only evaluated.
"""

import math
import sys
import time
from pathlib import Path

import keras
import numpy as np

from keras_vae import VAE, load_data
from keras_vae.data import TrainingBatches, binarize
from keras_vae.distributions import Bernoulli
from keras_vae.evidence import importance_weighted_bound
from keras_vae.measures import active_units, standard_error
from keras_vae.networks.ends import likelihood_parameters, posterior_heads

EPOCHS = 1200
BATCH_SIZE = 128
WIDTH, LATENTS = 200, 50


def tanh_layers(h):
    for _ in range(2):
        h = keras.layers.Dense(WIDTH, activation="tanh")(h)
    return h


def build(x_train):
    """The VAE of the paper, its output bias at the data's mean."""
    event_shape = x_train.shape[1:]
    x = keras.Input(event_shape)
    encoder = keras.Model(x, posterior_heads(tanh_layers(keras.layers.Flatten()(x)), LATENTS))
    z = keras.Input((LATENTS,))
    h = keras.layers.Dense(math.prod(event_shape), use_bias=False)(tanh_layers(z))
    bias = Bernoulli().fit_without_z(x_train)
    return VAE(encoder, keras.Model(z, likelihood_parameters(h, event_shape, bias)), seed=0)


def train(x_train, path):
    keras.utils.set_random_seed(0)
    vae = build(x_train)
    batches = TrainingBatches(x_train, BATCH_SIZE, "dynamic", seed=0)
    schedule = keras.optimizers.schedules.CosineDecay(1e-3, EPOCHS * batches.steps, alpha=0.01)
    vae.compile(keras.optimizers.Adam(schedule), steps_per_execution=39)
    vae.fit(
        batches,
        epochs=EPOCHS,
        verbose=2,
        callbacks=[keras.callbacks.CSVLogger(path.with_suffix(".csv"))],
    )
    vae.save(path)


def report(vae, x, split):
    start = time.monotonic()
    result = importance_weighted_bound(vae, x)
    for k, bound in zip(result.ks, result.bounds, strict=True):
        print(f"{split} L_{k}: {bound.mean():.2f} ± {standard_error(bound):.2f}")
    print(f"{split}: {len(x)} examples, {time.monotonic() - start:.0f} s", flush=True)


data = load_data(sys.argv[1] if len(sys.argv) > 1 else "mnist")
path = Path(sys.argv[2] if len(sys.argv) > 2 else ".") / "burda_mlp.keras"
x_train = np.concatenate([data.train.x, data.validation.x])
if not path.exists():
    start = time.monotonic()
    train(x_train, path)
    print(f"training: {EPOCHS} epochs in {time.monotonic() - start:.0f} s", flush=True)
vae = keras.saving.load_model(path)
x_test = binarize(data.test.x, "dynamic", "test")
print(f"active units: {active_units(vae.encode(x_test)[0]).sum()} of {LATENTS}")
report(vae, x_test, "test")
report(vae, binarize(x_train[:1000], "dynamic", "train"), "train, first 1,000")
