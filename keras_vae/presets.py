"""Options that go together, by name: each a recipe with a figure that it reaches.

What each reaches on MNIST, and how long it takes, stands in `benchmarks/README.md`.
"""

from typing import Any

from keras_vae.errors import check_name

__all__ = ["PRESETS", "preset"]

# ELBO on the validation split of MNIST after 16 epochs of the gated MLP, by learning rate: 1e-3
# -96.95, 2e-3 -94.88, 4e-3 (cut to 100) -94.03, 8e-3 (cut to 100) -96.31.
FAST: dict[str, Any] = {"learning_rate": 3e-3, "clip_norm": 100.0, "ema": 0.99}
# 784-200-200-50, tanh: the network of Burda et al. 2016, arXiv:1509.00519, in larger batches and
# fewer epochs.
BURDA: dict[str, Any] = {
    **FAST,
    "latent": 50,
    "hidden": (200, 200),
    "activation": "tanh",
    "epochs": 600,
    "warmup": 0.0,
    "gradient": "stl",
}
# Two gated layers of 300 units, 40 latents: Tomczak & Welling 2018, arXiv:1705.07120.
GATED: dict[str, Any] = {
    **FAST,
    "network": "gated_mlp",
    "latent": 40,
    "hidden": (300, 300),
    "epochs": 300,
    "warmup": 0.1,
    "gradient": "stl",
}
# The convolutional residual network of Kingma et al. 2016, arXiv:1606.04934.
RESNET: dict[str, Any] = {
    **FAST,
    "network": "resnet",
    "latent": 32,
    "epochs": 300,
    "warmup": 0.1,
    "gradient": "stl",
}

PRESETS: dict[str, dict[str, Any]] = {
    "quick": {"latent": 10, "epochs": 20},
    "burda": BURDA,
    "iwae-50": {**BURDA, "objective": "iwae", "samples": 50, "gradient": "dreg", "resampled": 5},
    "gated": GATED,
    # each step costs a pass of all pseudo-inputs: half as many steps
    "gated-vamp": {**GATED, "prior": "vamp", "batch_size": 256, "learning_rate": 4e-3},
    "gated-flow": {**GATED, "prior": "flow", "posterior": "iaf", "gradient": "plain"},
    "resnet": RESNET,
    "resnet-flow": {**RESNET, "prior": "flow"},
}


def preset(name: str) -> dict[str, Any]:
    """The options of a preset, as of `Config`.

    Raises:
        ConfigError: if there is none of that name.
    """
    check_name("preset", name, PRESETS)
    return dict(PRESETS[name])
