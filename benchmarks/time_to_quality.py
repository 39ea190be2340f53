"""How much sooner does this package reach the test ELBO of the well-known Keras example?

Usage: python benchmarks/time_to_quality.py MNIST.npz [EPOCHS]

The example: two stride-2 convolutions of 32 and 64 maps, a dense layer of 16, 2 latents, the
mirrored decoder, cross-entropy on gray levels, Adam at 1e-3, batches of 128, 30 epochs of the
60,000 training digits. This package: an MLP with 2 latents on the same digits with the same
likelihood (gray levels, not binarised), once with the options of `kvae fit` as they are and once
with quick ones. Each runs in a process of its own, and after every epoch the 10,000 test
digits are evaluated, the same for all: -ELBO with one draw of z, nats per digit. The clock starts
with the process, imports and compilation included, and stands still during those evaluations. The
figure is the ratio of the seconds that each needs to reach what the example ends with.
"""

import json
import subprocess
import sys
import time

START = time.perf_counter()
OWN = {
    "default": {"epochs": 80},
    # Chosen with seed 1; measured with seed 0.
    "quick": {"epochs": 20, "hidden": (256, 128), "batch_size": 32, "learning_rate": 3e-3},
}


def example(x_train):
    """The example's model, written anew: (its Keras model, what trains one epoch)."""
    import keras
    import tensorflow as tf
    from keras import layers, ops

    keras.utils.set_random_seed(0)
    x = keras.Input((28, 28, 1))
    h = layers.Conv2D(32, 3, activation="relu", strides=2, padding="same")(x)
    h = layers.Conv2D(64, 3, activation="relu", strides=2, padding="same")(h)
    h = layers.Dense(16, activation="relu")(layers.Flatten()(h))
    encoder = keras.Model(x, [layers.Dense(2)(h), layers.Dense(2)(h)])
    z = keras.Input((2,))
    h = layers.Reshape((7, 7, 64))(layers.Dense(7 * 7 * 64, activation="relu")(z))
    h = layers.Conv2DTranspose(64, 3, activation="relu", strides=2, padding="same")(h)
    h = layers.Conv2DTranspose(32, 3, activation="relu", strides=2, padding="same")(h)
    out = layers.Conv2DTranspose(1, 3, activation="sigmoid", padding="same")(h)
    decoder = keras.Model(z, out)
    noise = keras.random.SeedGenerator(0)

    class Example(keras.Model):
        def terms(self, x):
            z_mean, z_log_var = encoder(x)
            epsilon = keras.random.normal(ops.shape(z_mean), seed=noise)
            image = decoder(z_mean + ops.exp(0.5 * z_log_var) * epsilon)
            entropy = keras.losses.binary_crossentropy(x, image)
            rate = -0.5 * ops.sum(1 + z_log_var - z_mean**2 - ops.exp(z_log_var), axis=1)
            return ops.sum(entropy, axis=(1, 2)) + rate

        def train_step(self, x):
            with tf.GradientTape() as tape:
                loss = ops.mean(self.terms(x))
            gradients = tape.gradient(loss, self.trainable_weights)
            self.optimizer.apply(gradients, self.trainable_weights)
            return {"loss": loss}

    model = Example()
    model.encoder, model.decoder = encoder, decoder
    model.compile(keras.optimizers.Adam(1e-3))
    x_train = x_train[..., None]

    def epoch():
        model.fit(x_train, batch_size=128, verbose=0)

    return epoch, lambda x: model.terms(x[..., None])


def own(x_train, options):
    import keras

    import keras_vae as kv
    from keras_vae.training import build_vae

    examples = kv.data.Examples(x_train)
    data = kv.data.Dataset("mnist", examples, examples, examples)
    config = kv.Config(binarize="none", **options)
    vae = build_vae(config, data)
    batches = kv.data.TrainingBatches(x_train, config.batch_size, "none", config.seed)
    done = keras.callbacks.History()
    state = {"epoch": 0}

    def epoch():
        number = state["epoch"]
        vae.fit(batches, initial_epoch=number, epochs=number + 1, verbose=0, callbacks=[done])
        state["epoch"] += 1

    return epoch, lambda x: -vae.terms(x).elbo


def run(path, which, epochs, stop_at):
    """Prints a line an epoch: seconds since the process began, and the test -ELBO."""
    import numpy as np
    import tensorflow as tf

    with np.load(path) as arrays:
        x_train, x_test = (arrays[name] / np.float32(255) for name in ("x_train", "x_test"))
    epoch, negative_elbo = example(x_train) if which == "example" else own(x_train, OWN[which])
    look = tf.function(negative_elbo, reduce_retracing=True)
    looking = 0.0
    for number in range(epochs):
        epoch()
        begin = time.perf_counter()
        parts = [look(tf.constant(x_test[k : k + 500])) for k in range(0, len(x_test), 500)]
        value = float(np.concatenate(parts).mean(dtype="float64"))
        looking += time.perf_counter() - begin
        seconds = time.perf_counter() - START - looking
        print(json.dumps([number + 1, seconds, value]), flush=True)
        if stop_at is not None and value <= stop_at:
            return


def curve(path, which, epochs, stop_at=None):
    command = [sys.executable, __file__, path, "--one", which, str(epochs), str(stop_at)]
    lines = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        for line in process.stdout:
            if line.startswith("["):
                lines.append(json.loads(line))
                number, seconds, value = lines[-1]
                print(f"{which:8s}{number:3d} {seconds:8.1f} s  {value:.2f}", file=sys.stderr)
    return lines


def main(path, epochs):
    theirs = curve(path, "example", epochs)
    target = theirs[-1][2]
    their_seconds = next(seconds for _, seconds, value in theirs if value <= target)
    print("| | epochs | seconds | test -ELBO | times sooner |\n|---|---|---|---|---|")
    print(f"| Keras example | {epochs} | {their_seconds:.1f} | {target:.2f} | |", flush=True)
    for which, options in OWN.items():
        number, seconds, value = curve(path, which, options["epochs"], target)[-1]
        times = f"{their_seconds / seconds:.1f}" if value <= target else "not reached"
        print(f"| {which} | {number} | {seconds:.1f} | {value:.2f} | {times} |", flush=True)


if __name__ == "__main__":
    if sys.argv[2:3] == ["--one"]:
        _, path, _, which, epochs, stop_at = sys.argv
        run(path, which, int(epochs), None if stop_at == "None" else float(stop_at))
    else:
        main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 30)
