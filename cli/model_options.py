"""Options of kvae fit that say what the model is, and how it is trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import click

from .options import whole_numbers, with_options

__all__ = ["as_preset", "descent_options", "model_options", "network_options", "preset_option"]

Function: TypeAlias = Callable[..., Any]

preset_option = click.option(
    "--preset",
    type=click.Choice(
        ["quick", "burda", "iwae-50", "gated", "gated-vamp", "gated-flow", "resnet", "resnet-flow"]
    ),
    help="Options that go together, which others that are given change: kvae fit --preset burda "
    "--epochs 100.",
)

NETWORK = (
    click.option(
        "--network",
        type=click.Choice(["mlp", "gated_mlp", "conv", "resnet"]),
        default="mlp",
        show_default=True,
        help="Kind of encoder and decoder; conv and resnet take images only.",
    ),
    click.option(
        "--hidden",
        callback=whole_numbers,
        metavar="N,N,...",
        help="mlp: units of each layer [default: 512,256; of a table 128,64]; gated_mlp [default: "
        "300,300]; conv and resnet: channels of each stage [default: 32,64; 16,32,32].",
    ),
    click.option(
        "--activation",
        type=click.Choice(["relu", "tanh", "elu"]),
        default="relu",
        show_default=True,
        help="mlp: of its hidden layers.",
    ),
)

MODEL = (
    click.option(
        "--likelihood",
        type=click.Choice(
            [
                "bernoulli",
                "gaussian",
                "diagonal_gaussian",
                "log_normal",
                "continuous_bernoulli",
                "discretized_logistic",
                "poisson",
                "negative_binomial",
                "zero_inflated_negative_binomial",
                "columns",
            ]
        ),
        help="p(x|z): bernoulli for binary data, gaussian (one learned sigma) or diagonal_gaussian "
        "(one for each entry, from the decoder) for real numbers, log_normal for numbers above 0, "
        "continuous_bernoulli for values in [0, 1], discretized_logistic for images, levels of 8 "
        "or 16 bits, poisson, negative_binomial and zero_inflated_negative_binomial for counts, "
        "columns for a table, each column by its kind.  [default: columns for a table, "
        "negative_binomial for a .h5ad, else bernoulli]",
    ),
    click.option(
        "--binarize",
        type=click.Choice(["dynamic", "static", "threshold", "none"]),
        help="How gray levels become binary: redrawn every epoch, drawn once, cut at 0.5, or not "
        "at all.  [default: dynamic for gray images with --likelihood bernoulli, else none]",
    ),
    click.option(
        "--prior",
        type=click.Choice(["standard", "mixture", "vamp", "flow"]),
        default="standard",
        show_default=True,
        help="p(z): N(0, I), or learned with the model: a mixture of normals, the mean of q(z|u) "
        "over inputs u that are learned (VampPrior), or a flow (RealNVP).",
    ),
    click.option(
        "--components",
        type=click.IntRange(min=1),
        help="Of --prior mixture and vamp: how many.  [default: 500]",
    ),
    click.option(
        "--posterior",
        type=click.Choice(["diagonal", "full", "iaf"]),
        default="diagonal",
        show_default=True,
        help="q(z|x): normal without correlations, with them, or an inverse autoregressive flow.",
    ),
    click.option(
        "--objective",
        type=click.Choice(["elbo", "iwae", "beta-tc"]),
        default="elbo",
        show_default=True,
        help="What is maximised: the ELBO, the importance-weighted bound L_K, or the ELBO with "
        "--beta on the total correlation of the latents alone.",
    ),
    click.option(
        "--samples",
        type=click.IntRange(min=1),
        show_default="50 of iwae, else 1",
        help="K, draws of z for each example and step.",
    ),
    click.option(
        "--resampled",
        type=click.IntRange(min=0),
        default=0,
        show_default="all",
        metavar="S",
        help="Of iwae, follow the gradient of S of the K draws alone, drawn again by their "
        "weights: at about half of the cost where S is a tenth of K.",
    ),
    click.option(
        "--gradient",
        type=click.Choice(["plain", "dreg", "stl"]),
        default="plain",
        show_default=True,
        help="Its estimator, each without bias: dreg of iwae and stl of elbo vary less.",
    ),
    click.option(
        "--beta",
        type=click.FloatRange(min=0),
        default=1.0,
        show_default=True,
        help="Weight of the rate KL(q(z|x) || p(z)) in the loss; 1 is the ELBO.",
    ),
    click.option(
        "--warmup",
        type=click.FloatRange(min=0, max=1, max_open=True),
        show_default="0.2 of more than 10 latents or prior vamp, 0.5 with --capacity, else 0",
        help="Fraction of training over which beta, or the capacity, rises to its value.",
    ),
    click.option(
        "--free-nats",
        type=click.FloatRange(min=0),
        default=0.0,
        show_default=True,
        help="Floor on each example's rate in the loss, in nats.",
    ),
    click.option(
        "--capacity",
        type=click.FloatRange(min=0),
        metavar="NATS",
        help="Hold the rate at so many nats: the loss is distortion + beta |rate - capacity|.",
    ),
)

DESCENT = (
    click.option(
        "--learning-rate",
        type=click.FloatRange(min=0, min_open=True),
        default=2e-3,
        show_default=True,
        help="Adam's first learning rate.",
    ),
    click.option(
        "--schedule",
        type=click.Choice(["cosine", "constant", "burda"]),
        default="cosine",
        show_default=True,
        help="How it falls: along a cosine to a hundredth, not at all, or in eight stages to a "
        "tenth, each three times as long as the one before.",
    ),
    click.option(
        "--clip-norm",
        type=click.FloatRange(min=0, min_open=True),
        help="Length to which the gradient of all weights is cut.  [default: not cut]",
    ),
    click.option(
        "--ema",
        type=click.FloatRange(min=0, max=1, max_open=True),
        default=0.0,
        show_default=True,
        metavar="MOMENTUM",
        help="Validate, keep and return averages of the weights over steps, such as of 0.999; "
        "0: the weights themselves.",
    ),
)


def network_options(command: Function) -> Function:
    return with_options(command, NETWORK)


def model_options(command: Function) -> Function:
    return with_options(command, MODEL)


def descent_options(command: Function) -> Function:
    return with_options(command, DESCENT)


def as_preset(preset: str | None, options: dict[str, Any], given: Sequence[str]) -> dict[str, Any]:
    """The options as a preset has them, but for those that were given."""
    if preset is None:
        return options
    import keras_vae as kv

    of_preset = kv.presets.preset(preset)
    if "network" in given and options["network"] != of_preset.get("network", "mlp"):
        of_preset = {k: v for k, v in of_preset.items() if k not in ("hidden", "activation")}
    return {**options, **{k: v for k, v in of_preset.items() if k not in given}}
