"""How good is a VAE with 2 latents on all of MNIST after 20 epochs, and how long does it take?

Usage: python benchmarks/mnist_two_latents.py [path of mnist.npz]
"""

import sys
import tempfile
import time

from keras_vae import Config, fit

data = sys.argv[1] if len(sys.argv) > 1 else "mnist"
start = time.monotonic()
with tempfile.TemporaryDirectory() as folder:
    run = fit(Config(data=data, latent=2, epochs=20), folder)
    training = run.record["training"]
    print(
        f"elbo {run.metrics['elbo']:.2f}, baseline {run.metrics['baseline']:.2f}, "
        f"gain {run.metrics['gain']:.2f} nats per example"
    )
    print(f"training {training['seconds']} s, all {time.monotonic() - start:.1f} s")
    print(run.metrics["protocol"])
