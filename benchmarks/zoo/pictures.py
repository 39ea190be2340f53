"""Draws how each finding looks, beside a healthy model of the same data.

Usage: python benchmarks/zoo/pictures.py [finding ...]

Writes docs/pictures/findings/NAME.png; each takes the training of two small models.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from matplotlib.figure import Figure

from keras_vae.diagnosis.measurements import Measurements
from zoo import CELLS, INJECTORS

FOLDER = Path(__file__).parents[2] / "docs" / "pictures" / "findings"
COLUMNS = 8
HEALTHY, ILL = "#117733", "#882255"


def images(axes, m):
    """Rows of test images, their reconstructions, and samples."""
    terms = m.held_out
    z = np.random.default_rng(0).standard_normal((COLUMNS, m.latents)).astype("float32")
    rows = terms.x[:COLUMNS], m.decoded_mean(terms.z[:COLUMNS]), m.decoded_mean(z)
    tiles = np.concatenate([np.concatenate(list(row), axis=1) for row in rows])
    axes.imshow(tiles, cmap="gray_r", vmin=0, vmax=1)
    height = tiles.shape[0] / 3
    axes.set_yticks([height * (k + 0.5) for k in range(3)], ["x", "reconstruction", "sample"])
    axes.set_xticks([])
    axes.tick_params(length=0)


def values(axes, m):
    """What values data and decoded draws of the prior hold."""
    z = np.random.default_rng(0).standard_normal((500, m.latents)).astype("float32")
    edges = np.linspace(-1.1, 1.1, 89)
    for x, colour, label in (
        (m.train, "#DDCC77", "data"),
        (m.decoded_mean(z), "#332288", "decoded draws of the prior"),
    ):
        axes.hist(x.ravel(), edges, density=True, histtype="step", color=colour, label=label)
    axes.set_yscale("log")
    axes.set_xlabel("value of a pixel")
    axes.legend(frameon=False)


def examples(axes, m):
    """Training examples above test examples."""
    rows = [np.concatenate(list(x[:COLUMNS]), axis=1) for x in (m.train, m.test)]
    tiles = np.concatenate(rows)
    axes.imshow(tiles, cmap="gray_r", vmin=0, vmax=1)
    axes.set_yticks([tiles.shape[0] * (k + 0.5) / 2 for k in range(2)], ["training", "test"])
    axes.set_xticks([])
    axes.tick_params(length=0)


def elbo(axes, m):
    """Training and validation ELBO by epoch."""
    history = m.subject.history
    for name, style, label in (("elbo", "-", "training"), ("val_elbo", "--", "validation")):
        axes.plot(range(1, len(history[name]) + 1), history[name], style, color="#332288",
                  label=label)  # fmt: skip
    training, validation = history["elbo"], history["val_elbo"]
    begun = training[3:] + validation[3:] or training + validation
    low, high = max(1.1 * min(begun), -600), max(training + validation)
    axes.set_ylim(low, high + 0.05 * (high - low))
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_xlabel("epoch")
    axes.set_ylabel("ELBO, nats")
    axes.legend(frameon=False)


def beta(axes, m):
    """beta by epoch."""
    values = m.subject.history["beta"]
    axes.plot(range(1, len(values) + 1), values, color="#332288")
    axes.axhline(1, color="#777777", linestyle=":")
    axes.set_ylim(0, 1.1)
    axes.set_xlabel("epoch")
    axes.set_ylabel("beta")


def codes(axes, m):
    """The first two latents of the data over draws of the prior."""
    z = m.held_out.z
    prior = np.random.default_rng(0).standard_normal((len(z), 2))
    second = z[:, 1] if z.shape[1] > 1 else prior[:, 1]
    axes.scatter(*prior.T, s=4, color="#DDCC77", label="draws of the prior")
    axes.scatter(z[:, 0], second, s=4, color="#332288", label="codes of the data")
    axes.set_xlabel("z 1")
    axes.set_ylabel("z 2" if z.shape[1] > 1 else "(one latent only)")
    axes.legend(frameon=False)


def noise(axes, m):
    """The noise in z, in units of the reported std, beside N(0, 1)."""
    x = m.train[:200]
    z_mean, z_log_var = (np.asarray(part) for part in m.subject.encode(x))
    z = np.stack([m.subject.training_draw(x) for _ in range(20)])
    epsilon = (z - z_mean) / np.exp(z_log_var / 2)
    edges = np.linspace(-4, 4, 81)
    axes.hist(epsilon.ravel(), edges, density=True, color="#88CCEE", label="(z - z_mean) / std")
    axes.plot(edges, np.exp(-(edges**2) / 2) / np.sqrt(2 * np.pi), color="#332288", label="N(0, 1)")
    axes.set_ylim(0, 1)
    axes.legend(frameon=False)


def rates(axes, m):
    """The rate of each latent, the largest first."""
    values = np.sort(m.train_terms.latent_rates.mean(axis=0))[::-1]
    axes.bar(range(1, len(values) + 1), values, color="#332288")
    axes.set_xlabel("latent")
    axes.set_ylabel("rate, nats")


# finding -> panel, cell, injector, severity; None for the severest
PICTURES = {
    "collapsed": (images, "mnist_binary", "beta_beyond_the_threshold", None),
    "kl_overweighted": (images, "mnist_binary", "beta_too_high", 2),
    "kl_underweighted": (images, "mnist_binary", "beta_too_low", None),
    "distortion_averaged": (images, "mnist_gray", "distortion_mean", None),
    "sigma_too_large": (images, "mnist_gray", "sigma_large", None),
    "sigma_too_small": (images, "mnist_gray", "sigma_small", None),
    "noise_missing": (images, "mnist_binary", "noise_too_small", None),
    "noise_scale_wrong": (noise, "digits_binary", "variance_for_std", None),
    "prior_hole": (codes, "toy", "clusters_far_apart", None),
    "overfitting": (elbo, "mnist_binary", "few_examples", None),
    "undertrained": (elbo, "mnist_binary", "stopped_early", 0.1),
    "gray_data_under_bernoulli": (images, "mnist_binary", "gray_levels", None),
    "output_wider_than_data": (values, "mnist_gray", "tanh_decoder", None),
    "splits_scaled_differently": (examples, "mnist_binary", "prepared_differently", "inverted"),
    "latent_blow_up": (codes, "digits_binary", "codes_far_out", 5.0),
    "loss_jumps": (elbo, "digits_binary", "learning_rate_too_high", 0.3),
    "lagging_encoder": (images, "mnist_binary", "encoder_frozen", None),
    "warmup_unfinished": (beta, "digits_binary", "warmup_too_long", 3),
    "more_latents_would_pay": (images, "mnist_binary", "one_latent", None),
    "spare_latents": (rates, "toy", "latents_to_spare", None),
}


def draw(name):
    panel, cell, injector, severity = PICTURES[name]
    cell, injector = CELLS[cell], INJECTORS[injector]
    sick = injector.make(cell, 0, injector.severities[-1] if severity is None else severity)
    well = INJECTORS["healthy"].make(cell, 0, 1)
    figure = Figure(figsize=(10, 2.6 if panel in (images, examples) else 3.2), dpi=110,
                    layout="compressed")  # fmt: skip
    for axes, made, title, colour in zip(
        figure.subplots(1, 2), (well, sick), ("healthy", name), (HEALTHY, ILL), strict=True
    ):
        panel(axes, Measurements(made))
        axes.set_title(title, color=colour)
        if panel not in (images, examples):
            axes.spines[["top", "right"]].set_visible(False)
    FOLDER.mkdir(parents=True, exist_ok=True)
    figure.savefig(FOLDER / f"{name}.png")
    print(FOLDER / f"{name}.png", flush=True)


if __name__ == "__main__":
    for finding in sys.argv[1:] or PICTURES:
        draw(finding)
