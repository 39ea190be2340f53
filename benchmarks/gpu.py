"""How fast does a GPU train, in each precision, with and without XLA?

Usage: python benchmarks/gpu.py [WIDTH] [BATCH_SIZE] [PEAK_TFLOPS]

Trains an MLP with two hidden layers of WIDTH (4,096) units on random gray images of 28x28, in
batches of BATCH_SIZE (4,096), and prints images a second: the median of five calls after two to
warm up. The floating-point operations of an image are those of the matrix products, forward and
twice backward; with the device's peak for a precision (PEAK_TFLOPS, from its data sheet), the
share of it is printed too. Without a GPU it says so and measures the CPU.
"""

import statistics
import sys
import time

import numpy as np
import tensorflow as tf

import keras_vae as kv
from keras_vae.precision import layers_in

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")
LATENTS = 32
STEPS = 8  # a call


def operations(width):
    """Floating-point operations of a training step, an image: 2 a weight, in 3 products."""
    hidden = 784 * width + width * width
    weights = (hidden + 2 * width * LATENTS) + (LATENTS * width + hidden)
    return 3 * 2 * weights


def images_a_second(precision, jit_compile, width, batch_size):
    x = np.random.default_rng(0).random((batch_size * STEPS, 28, 28), dtype="float32")
    with layers_in(precision):
        encoder = kv.networks.mlp_encoder((28, 28), LATENTS, hidden=(width, width))
        decoder = kv.networks.mlp_decoder((28, 28), LATENTS, hidden=(width, width))
        vae = kv.VAE(encoder, decoder, seed=0)
    vae.compile("adam", steps_per_execution=STEPS, jit_compile=jit_compile)
    batches = kv.data.TrainingBatches(x, batch_size, "dynamic")
    vae.fit(batches, epochs=2, verbose=0)
    seconds = []
    for _ in range(5):
        begin = time.perf_counter()
        vae.fit(batches, verbose=0)  # returns when the reported means are on the host
        seconds.append(time.perf_counter() - begin)
    return len(x) / statistics.median(seconds)


def main(width, batch_size, peak):
    gpus = tf.config.list_physical_devices("GPU")
    names = [tf.config.experimental.get_device_details(gpu).get("device_name") for gpu in gpus]
    print(f"device: {', '.join(map(str, names)) or 'no GPU, so this is the CPU'}")
    print(f"784-{width}-{width}-{LATENTS}, batches of {batch_size}, TensorFlow {tf.__version__}\n")
    print("| precision | XLA | images/s | TFLOP/s | share of peak |\n|---|---|---|---|---|")
    for precision in PRECISIONS:
        for jit_compile in (False, True):
            rate = images_a_second(precision, jit_compile, width, batch_size)
            tflops = rate * operations(width) / 1e12
            share = f"{tflops / peak:.1%}" if peak else ""
            xla = "on" if jit_compile else "off"
            print(f"| {precision} | {xla} | {rate:,.0f} | {tflops:.2f} | {share} |", flush=True)


if __name__ == "__main__":
    numbers = [float(argument) for argument in sys.argv[1:]]
    width, batch_size, peak = (numbers + [4096, 4096, None][len(numbers) :])[:3]
    main(int(width), int(batch_size), peak)
