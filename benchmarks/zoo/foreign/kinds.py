"""Defects and healthy kinds of foreign models: what differs, and what names it."""

from dataclasses import dataclass, field

from zoo.foreign.data import DATA
from zoo.foreign.stored import Recipe
from zoo.loss import TOO_LITTLE, TOO_MUCH
from zoo.noise import CONSEQUENCES
from zoo.training import INFERENCE

__all__ = ["KINDS", "Kind", "label", "recipe", "specimens"]

# Data sets by what they allow; of the tuning part, and held out.
GENERAL = (
    ("mnist28_binary", "china8_gray", "questions16"),
    ("hopper10_binary", "head10_gray", "questions24"),
)
FROZEN = (*GENERAL[0], "scores9", "cents16"), (*GENERAL[1], "grades10", "hundreds30")
GRAY = ("mnist28_gray", "china8_gray"), ("hopper10_gray", "head10_gray", "mnist14_gray")
BINARY = (
    ("mnist28_binary", "flower14_binary", "questions16"),
    ("hopper10_binary", "mnist14_binary", "questions24"),
)
SIGNED = ("fault8_standard", "scores9"), ("coast8_metres", "grades10", "head10_standard")
LARGE = ("fault8_metres", "cents16"), ("coast8_metres", "hundreds30", "thousands12")
ALL = (
    ("mnist28_binary", "mnist28_gray", "china8_gray", "flower14_binary", "fault8_metres",
     "questions16", "grams20", "cents16", "scores9"),
    ("hopper10_binary", "hopper10_gray", "head10_gray", "mnist14_gray", "mnist14_binary",
     "questions24", "coast8_metres", "hundreds30", "grades10"),
)  # fmt: skip
# pythae has no sigma but 1
BY_PYTHAE = ("flower14_binary", "mnist28_gray"), ("mnist14_binary", "head10_gray", "questions24")
SEEDS = (0,), (5, 6, 7)
OPTIMIZERS = "adam", "one-cycle", "rmsprop"
# RMSprop's steps are noisier than Adam's, and one cycle allows a larger peak.
FACTORS = {"adam": 1.0, "one-cycle": 3.0, "rmsprop": 0.5}
INFERENCE_FAULT = ("lagging_encoder", "encoder_unsettled", "amortization_gap")
AFTER_SCALE = (*INFERENCE, *TOO_MUCH, *TOO_LITTLE, "sigma_too_small", "sigma_too_large",
               "loss_jumps", "decoder_constant", "encoder_constant", "latent_blow_up")  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A defect, or a healthy way to train.

    Attributes:
        data: (names for tuning, names held out).
        changes: of the recipe: name -> value, or -> a function of (data, sigma that fits).
        expected: findings that name it; empty for a healthy model.
        accepted: findings that may follow from it.
        remedy, no_remedy: patterns that the remedy of the naming finding has, and has not.
        group: "every" is made by both loops with every seed; "healthy" and "usual" by one loop
            with one seed, of each data set another, or the first.
        has_history: the losses of the epochs are handed over.
        by_pythae: pythae's trainer makes it, too.
    """

    data: tuple
    changes: dict = field(default_factory=dict)
    expected: tuple = ()
    accepted: tuple = ()
    remedy: str = ""
    no_remedy: str = ""
    group: str = "every"
    has_history: bool = False
    by_pythae: bool = False


def _widths(data, sigma):
    return tuple(3 * width for width in data.hidden)


KINDS = {
    # healthy
    "adam": Kind(ALL, by_pythae=True),
    "one_cycle": Kind(ALL, {"optimizer": "one-cycle"}, group="healthy", has_history=True),
    "rmsprop": Kind(ALL, {"optimizer": "rmsprop"}, group="healthy"),
    "sgd": Kind(
        ALL, {"optimizer": "sgd", "epochs": lambda data, sigma: 2 * data.epochs}, group="healthy"
    ),
    "right_sigma": Kind(GRAY, {"sigma": lambda data, sigma: float(f"{sigma:.2g}")}),
    "two_latents": Kind(ALL, {"latent": 2}, group="healthy"),
    "wide_latents": Kind(
        ALL, {"latent": lambda data, sigma: 3 * data.latent},
        accepted=("spare_latents",), group="healthy", has_history=True,
    ),
    "adam_28": Kind(((), ("hopper28_binary", "hopper28_gray")), group="usual"),
    # sigma
    **{
        f"sigma_{sigma}": Kind(
            GRAY, {"sigma": sigma, "has_constants": sigma != 1.0}, by_pythae=sigma == 1.0
        )
        for sigma in (1.0, 0.3, 0.1, 0.02)
    },
    # the encoder
    "encoder_frozen": Kind(  # with small initial weights its codes say nothing: a collapse
        FROZEN, {"is_frozen": True}, (*INFERENCE_FAULT, "collapsed"), INFERENCE,
        remedy="encoder", by_pythae=True,
    ),
    "encoder_of_4": Kind(
        GENERAL, {"encoder_hidden": (4,)}, ("encoder_too_narrow", *INFERENCE_FAULT), INFERENCE,
        by_pythae=True,
    ),
    # the weight of the rate
    "rate_doubled": Kind(GENERAL, {"rate_scale": 2.0}, ("rate_formula_wrong",), TOO_MUCH),
    "rate_halved": Kind(
        GENERAL, {"rate_scale": 0.5}, ("rate_formula_wrong", "rate_averaged"), TOO_LITTLE
    ),
    "beta_2": Kind(GENERAL, {"beta": 2.0}, ("kl_overweighted",), TOO_MUCH, by_pythae=True),
    # the decoder's end
    "misses_scale": Kind(
        LARGE, {"epochs": 3, "is_output_scaled": False},
        ("output_misses_data", "undertrained"), AFTER_SCALE,
        no_remedy="activation", has_history=True,
    ),
    "sigmoid_on_wide_data": Kind(
        SIGNED, {"end": "sigmoid", "is_output_scaled": False},
        ("output_misses_data",), AFTER_SCALE, remedy="linear|sigmoid",
    ),
    "relu_end": Kind(
        SIGNED, {"end": "relu", "is_output_scaled": False},
        ("output_misses_data",), AFTER_SCALE, remedy="linear|relu",
    ),
    "two_sigmoids": Kind(
        BINARY, {"end": "sigmoid", "from_logits": True},
        ("output_misses_data",), AFTER_SCALE, remedy="sigmoid", no_remedy="Gaussian",
    ),
    # the usual ones
    "beta_4": Kind(GENERAL, {"beta": 4.0}, ("kl_overweighted", "collapsed"), TOO_MUCH,
                   group="usual"),
    "reconstruction_mean": Kind(
        GENERAL, {"is_mean": True, "sigma": "none"}, ("distortion_averaged",), TOO_MUCH,
        group="usual",
    ),
    "squared_error_sum": Kind(
        GRAY, {"sigma": "none"}, ("kl_overweighted", "collapsed"), TOO_MUCH, group="usual"
    ),
    "rate_mean": Kind(
        GENERAL, {"rate_scale": lambda data, sigma: 1 / data.latent},
        ("rate_averaged",), TOO_LITTLE, group="usual",
    ),
    "no_rate": Kind(GENERAL, {"beta": 0.0}, ("loss_drops_a_term",), TOO_LITTLE, group="usual"),
    "tanh_end": Kind(
        GRAY, {"end": "tanh"}, ("output_wider_than_data",), (*INFERENCE, *TOO_LITTLE, *TOO_MUCH),
        group="usual",
    ),
    "variance_for_std": Kind(
        GENERAL, {"log_var_power": 1.0}, ("noise_scale_wrong",), CONSEQUENCES, group="usual"
    ),
    "few_epochs": Kind(
        GENERAL, {"epochs": 1}, ("undertrained", "collapsed", *INFERENCE_FAULT),
        (*INFERENCE, *TOO_MUCH, *TOO_LITTLE, "sigma_too_large"), group="usual", has_history=True,
    ),
    "rate_too_high": Kind(
        GENERAL, {"learning_rate": 0.3, "optimizer": "adam"},
        ("loss_jumps", "nonfinite_loss", "encoder_constant", "decoder_constant", "collapsed"),
        AFTER_SCALE, group="usual", has_history=True,
    ),
}  # fmt: skip


def specimens(part, seeds=None):
    """(data, loop, kind, seed) of every model of a part, "tune" or "held-out", with its own
    seeds or others in their place.

    Each kind comes with one loop a data set first, in turn, so that a run that is cut short has
    seen all of them; the other loop, of the held-out part, comes last.
    """
    place = ("tune", "held-out").index(part)
    seeds = seeds or SEEDS[place]
    for lap in range(1 + place):
        for turn, seed in enumerate(seeds):
            for name, kind in KINDS.items():
                for count, data in enumerate(kind.data[place]):
                    is_one = {"every": True, "healthy": count % len(seeds) == turn,
                              "usual": not turn}  # fmt: skip
                    if not is_one[kind.group] or (lap and kind.group != "every"):
                        continue
                    if name != "sgd" or DATA[data].sgd is not None:
                        yield data, ("torch", "keras")[(count + turn + lap) % 2], name, seed
                for data in BY_PYTHAE[place] if kind.by_pythae and not lap and turn < 2 else ():
                    is_binary = DATA[data].likelihood == "bernoulli"
                    if is_binary != name.startswith("sigma"):
                        yield data, "pythae", name, seed


def recipe(data, loop, kind, seed, sigma=None):
    """`Recipe` of a specimen; sigma is the one that a healthy model learns."""
    about = DATA[data]
    is_healthy = kind in ("adam", "adam_28", "right_sigma", "two_latents", "wide_latents")
    options = {
        "likelihood": about.likelihood,
        "encoder_hidden": about.hidden,
        "decoder_hidden": about.hidden[::-1],
        "latent": about.latent,
        "epochs": about.epochs,
        "seed": seed,
        "optimizer": "adam" if is_healthy or loop == "pythae" else OPTIMIZERS[seed % 3],
    }
    if about.likelihood == "gaussian":
        options |= {"first_sigma": 0.1} if about.is_unit else _scale_of(about, seed)
    if about.likelihood == "bernoulli" and loop != "torch":
        options |= {"end": "sigmoid", "from_logits": False}
    if loop == "pythae":
        options["has_constants"] = False
    options |= {
        name: value(about, sigma) if callable(value) else value
        for name, value in KINDS[kind].changes.items()
    }
    if options["optimizer"] == "sgd":
        options["learning_rate"] = about.sgd
    options.setdefault("learning_rate", about.learning_rate * FACTORS.get(options["optimizer"], 1))
    return Recipe(**options)


def _scale_of(about, seed):
    x, _ = about.examples(seed)
    shift, scale = float(x.mean()), float(x.std())
    return {"shift": shift, "scale": scale, "is_output_scaled": True, "first_sigma": scale / 3}


def label(kind, fitted, lost):
    """(expected, accepted) of a model of a kind.

    Args:
        kind: a key of `KINDS`.
        fitted: the sigma that a healthy model learns, against which a fixed one is held.
        lost: of what a healthy model gained on one without z, the part that this one lacks: four
            units are enough for some data.
    """
    about = KINDS[kind]
    if kind == "encoder_of_4" and lost < 0.1:
        return (), (*about.expected, *about.accepted)
    if not kind.startswith("sigma_"):
        return about.expected, about.accepted
    ratio = about.changes["sigma"] / fitted
    if ratio > 1.5:
        return ("sigma_too_large",), TOO_MUCH
    if ratio < 1 / 1.5:
        return ("sigma_too_small",), TOO_LITTLE
    return (), () if 0.9 < ratio < 1.1 else ("sigma_too_large", "sigma_too_small")
