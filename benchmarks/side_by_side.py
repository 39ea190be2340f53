"""The same model of pythae and of this package, side by side: nats and seconds.

Usage: python benchmarks/side_by_side.py MODEL mnist.npz [EPOCHS], after pip install pythae torch;
MODEL is vamp or iwae.

Both have the same networks, two hidden layers of 300 units each way, gated for vamp and ReLU for
iwae, 40 latents, the same 9,500 training and 2,000 test images, binarised once from a fixed seed,
and the same epochs. All else is each one's own: pythae is trained in batches of 128 by Adam at 1e-3
and keeps its last weights, ours by the preset `gated-vamp` or `iwae-50`. Log p(x) of both is L_K
with K = 500, by one formula; seconds are of training alone, without imports, on all cores of the
process.
"""

import os
import sys
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

import keras_vae as kv
from keras_vae.data import Dataset, Examples, binarize, decided
from keras_vae.measures import standard_error
from keras_vae.presets import preset
from keras_vae.training import train

TRAIN, TEST, LATENT, BATCH, K, COMPONENTS, SAMPLES = 10_000, 2_000, 40, 128, 500, 500, 50
WIDTHS = (300, 300)


def data(path):
    given = kv.load_data(path)
    return (
        np.asarray(binarize(x, "static", split)[:size]).reshape(-1, 28, 28).astype("float32")
        for x, split, size in (
            (given.train.x, "train", TRAIN),
            (given.test.x, "test", TEST),
        )
    )


def ours(model, x, x_test, epochs):
    """(log p(x) of the test images, seconds of training)."""
    options = preset("gated-vamp" if model == "vamp" else "iwae-50")
    options |= {"latent": LATENT, "hidden": WIDTHS, "epochs": epochs}
    if model == "iwae":
        options |= {"activation": "relu", "samples": SAMPLES}
    config = kv.Config(data=x, binarize="none", **options)
    parts = {"train": x[:-500], "validation": x[-500:], "test": x_test}
    dataset = Dataset("MNIST", **{name: Examples(part) for name, part in parts.items()})
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        result = train(decided(config, dataset), dataset, folder, resumable=False)
    seconds = time.perf_counter() - start
    return result.vae.log_likelihood(x_test, samples=K)[0], seconds


def theirs(model, x, x_test, epochs):
    import torch
    from pythae.models import IWAE, VAMP, IWAEConfig, VAMPConfig
    from pythae.models.base.base_utils import ModelOutput
    from pythae.models.nn import BaseDecoder, BaseEncoder
    from torch import nn

    torch.manual_seed(0)

    class Gated(nn.Module):
        def __init__(self, inputs, units):
            super().__init__()
            self.both = nn.Linear(inputs, 2 * units)

        def forward(self, x):
            values, gates = self.both(x).chunk(2, -1)
            return values * torch.sigmoid(gates)

    def hidden(inputs, units):
        if model == "vamp":
            return [Gated(inputs, units)]
        return [nn.Linear(inputs, units), nn.ReLU()]

    class Encoder(BaseEncoder):
        def __init__(self):
            super().__init__()
            self.layers = nn.Sequential(*hidden(784, WIDTHS[0]), *hidden(*WIDTHS))
            self.mean, self.log_var = (nn.Linear(WIDTHS[1], LATENT) for _ in range(2))

        def forward(self, x):
            h = self.layers(x.reshape(-1, 784))
            return ModelOutput(embedding=self.mean(h), log_covariance=self.log_var(h))

    class Decoder(BaseDecoder):
        def __init__(self):
            super().__init__()
            self.layers = nn.Sequential(
                *hidden(LATENT, WIDTHS[1]), *hidden(*WIDTHS[::-1]),
                nn.Linear(WIDTHS[0], 784), nn.Sigmoid(),
            )  # fmt: skip

        def forward(self, z):
            return ModelOutput(reconstruction=self.layers(z).reshape(-1, 1, 28, 28))

    shape = {"input_dim": (1, 28, 28), "latent_dim": LATENT, "reconstruction_loss": "bce"}
    if model == "vamp":
        config = VAMPConfig(number_components=COMPONENTS, **shape)
        vae = VAMP(config, encoder=Encoder(), decoder=Decoder())
    else:
        config = IWAEConfig(number_samples=SAMPLES, **shape)
        vae = IWAE(config, encoder=Encoder(), decoder=Decoder())
    x = torch.tensor(x[:-500])[:, None]  # as many as ours are trained on
    optimizer = torch.optim.Adam(vae.parameters(), lr=1e-3)
    start = time.perf_counter()
    for epoch in range(epochs):
        order = torch.randperm(len(x))
        for rows in order.split(BATCH):
            loss = vae({"data": x[rows]}, epoch=epoch, dataset_size=len(x)).loss
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    seconds = time.perf_counter() - start
    return _log_likelihood(vae, torch.tensor(x_test)[:, None], model), seconds


def _log_likelihood(vae, x, model):
    """L_K of each image: the formula of `VAE.log_likelihood`, of their networks."""
    import torch
    from torch.distributions import Bernoulli, Normal

    vae.eval()
    bounds = []
    with torch.no_grad():
        if model == "vamp":
            of_u = vae.encoder(vae.pseudo_inputs(vae.idle_input).reshape(COMPONENTS, 1, 28, 28))
            prior = Normal(of_u.embedding, (of_u.log_covariance / 2).exp())
        for image in x.split(1):
            out = vae.encoder(image)
            q = Normal(out.embedding, (out.log_covariance / 2).exp())
            z = q.sample((K,))[:, 0]
            p = vae.decoder(z).reconstruction.reshape(K, 784).clamp(1e-7, 1 - 1e-7)
            log_x = Bernoulli(p).log_prob(image.reshape(784)).sum(-1)
            if model == "vamp":
                log_z = prior.log_prob(z[:, None]).sum(-1).logsumexp(-1) - np.log(COMPONENTS)
            else:
                log_z = Normal(0.0, 1.0).log_prob(z).sum(-1)
            log_w = (log_x + log_z - q.log_prob(z).sum(-1)).double()
            bounds.append(float(log_w.logsumexp(0)) - np.log(K))
    return np.array(bounds)


if __name__ == "__main__":
    model, epochs = sys.argv[1], int(sys.argv[3]) if len(sys.argv) > 3 else 30
    x, x_test = data(sys.argv[2])
    mine, seconds = ours(model, x, x_test, epochs)
    print(f"ours: {mine.mean():.2f} ± {standard_error(mine):.2f} nats, {seconds:.1f} s", flush=True)
    other, their_seconds = theirs(model, x, x_test, epochs)
    print(f"pythae: {other.mean():.2f} ± {standard_error(other):.2f} nats, {their_seconds:.1f} s")
    difference = mine - other
    print(f"difference, paired: {difference.mean():.2f} ± {standard_error(difference):.2f} nats")
    print(f"ratio of seconds: {seconds / their_seconds:.2f}")
