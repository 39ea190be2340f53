#!/bin/sh
# tsgm's BetaVAE does not use beta; its conditional cBetaVAE never draws z while it is trained.
#
# Versions:  tsgm 0.1.0, keras 3.15.1, tensorflow 2.21.0, pandas 2.3.3 (tsgm's statsmodels does not
# load beside pandas 3), numpy 2.4.6; Python 3.11, Linux on x86-64, CPU
# Guess: BetaVAE(encoder, decoder, beta=...) is a beta-VAE, as its documentation calls it; cBetaVAE is
# the same with labels. Both decode a draw of z while they are trained.
# Behaviour: BetaVAE stores beta and leaves it out of the loss: all values train the same weights, bit
# for bit. In both, the error is summed over the batch and the KL averaged over it, so that the KL
# counts 1/N in a batch of N rows. cBetaVAE has beta in the loss, and decodes the
# MEAN of q(z|x) in training: the z that the encoder returns is not used, so that the log variance is
# told nothing by the data, and goes to 0. It is an autoencoder; `generate` decodes draws from N(0, I)
# that its decoder was never trained for.
# Seen:
#   BetaVAE, beta 1 and beta 1000: the same weights after 20 epochs, bit for bit: True
#   BetaVAE, N rows whose 8 errors are all 1 and whose KL is 1 nat: 82 + 1 for N 10, 802 + 1 for N 100
#   cBetaVAE, an encoder that returns NaN in place of a draw of z: loss finite, and the same weights,
#   bit for bit: True
#
# Exit code 0: it still behaves so. 1: it does not. 2: the packages could not be installed.
# VENV=FOLDER keeps the environment there, for another run.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
venv=${VENV:-$folder/venv}
python3 -m venv "$venv"
"$venv/bin/pip" install -q tsgm==0.1.0 keras==3.15.1 tensorflow==2.21.0 pandas==2.3.3 numpy==2.4.6 \
    || exit 2
cd "$folder"
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 "$venv/bin/python" -W ignore - 2>"$folder/log" <<'END' \
    || { tail -5 "$folder/log"; exit 1; }
import keras
import numpy as np
from keras import layers
from tsgm.models.cvae import BetaVAE, cBetaVAE

steps, latents, labels = 8, 2, 2


class Draw(layers.Layer):
    """z from q(z|x), or what is not a number in its place."""

    def __init__(self, nan=False):
        super().__init__()
        self.nan = nan
        self.seeds = keras.random.SeedGenerator(1)

    def call(self, inputs):
        mean, log_var = inputs
        if self.nan:
            return mean * float("nan")
        return mean + keras.ops.exp(log_var / 2) * keras.random.normal(
            keras.ops.shape(mean), seed=self.seeds
        )


def encoder(columns, codes, nan=False):
    x = keras.Input((steps, columns))
    hidden = layers.Dense(32, activation="relu")(layers.Flatten()(x))
    mean, log_var = layers.Dense(codes)(hidden), layers.Dense(codes)(hidden)
    return keras.Model(x, [mean, log_var, Draw(nan)([mean, log_var])])


def decoder(*shape):
    z = keras.Input(shape)
    hidden = layers.Dense(32, activation="relu")(layers.Flatten()(z))
    return keras.Model(z, layers.Reshape((steps, 1))(layers.Dense(steps)(hidden)))


def trained(model, *data, epochs, batch=50):
    model.compile(optimizer=keras.optimizers.Adam(1e-3))
    history = model.fit(*data, epochs=epochs, batch_size=batch, shuffle=False, verbose=0).history
    return {name: float(values[-1]) for name, values in history.items()}


def plain(beta):
    keras.utils.set_random_seed(0)
    return BetaVAE(encoder(1, latents), decoder(latents), beta=beta)


def conditional(nan):
    keras.utils.set_random_seed(0)
    codes = decoder(steps, latents + labels)
    return cBetaVAE(encoder(1 + labels, latents * steps, nan), codes, latents, temporal=False)


def same(first, second):
    return all((a == b).all() for a, b in zip(first.get_weights(), second.get_weights()))


rng = np.random.default_rng(0)
phase = rng.uniform(0, 6, (500, 1))
x = np.sin(0.7 * np.arange(steps) + phase) + 0.1 * rng.standard_normal((500, steps))
x = x[:, :, None].astype("float32")
y = np.eye(labels, dtype="float32")[rng.integers(0, labels, 500)]

light, heavy = plain(1.0), plain(1000.0)
trained(light, x, epochs=20)
trained(heavy, x, epochs=20)
print("BetaVAE, beta 1 and beta 1000: the same weights after 20 epochs, bit for bit:",
      same(light, heavy))

logged = {}
for rows in (10, 100):
    model = BetaVAE(encoder(1, latents), decoder(latents))
    model.encoder.set_weights([0 * w for w in model.encoder.get_weights()])
    model.decoder.set_weights([0 * w for w in model.decoder.get_weights()])
    mean = [layer for layer in model.encoder.layers if isinstance(layer, layers.Dense)][1]
    mean.bias.assign([1.0, 1.0])
    logs = trained(model, np.ones((rows, steps, 1), "float32"), epochs=1, batch=rows)
    logged[rows] = logs["reconstruction_loss"], logs["kl_loss"]
print("BetaVAE, N rows whose 8 errors are all 1 and whose KL is 1 nat: "
      + ", ".join(f"{error:.0f} + {kl:.0f} for N {rows}" for rows, (error, kl) in logged.items()))

drawn, never = conditional(False), conditional(True)
trained(drawn, x, y, epochs=20)
loss = trained(never, x, y, epochs=20)["loss"]
finite = "finite" if np.isfinite(loss) else "not finite"
print(f"cBetaVAE, an encoder that returns NaN in place of a draw of z: loss {finite}, and the same "
      f"weights,\nbit for bit: {same(drawn, never)}")
assert same(light, heavy)
for rows, (error, kl) in logged.items():
    assert 8 * rows <= error < 8 * rows + 3 and abs(kl - 1) < 1e-5
assert np.isfinite(loss) and same(drawn, never)
END
