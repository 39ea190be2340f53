"""Whether each value of a `Config` is in its range, and goes together with the others."""

from numbers import Integral, Real
from pathlib import PurePath
from typing import Any

from keras_vae import choices
from keras_vae.errors import ConfigError, check_one_change_of_rate, check_resampled

__all__ = ["check_config", "expect"]

WHOLE = (
    "latent", "epochs", "batch_size", "patience", "checkpoint_every", "size", "window", "stride",
    "components", "samples",
)  # fmt: skip
# option -> the names in `choices` that it may have
NAMED = {
    "network": "NETWORKS",
    "activation": "ACTIVATIONS",
    "prior": "PRIORS",
    "posterior": "POSTERIORS",
    "objective": "OBJECTIVES",
    "gradient": "GRADIENTS",
    "schedule": "SCHEDULES",
    "precision": "PRECISIONS",
}
NAMED_OR_NONE = {
    "likelihood": "LIKELIHOODS",
    "binarize": "BINARIZATIONS",
    "alpha": "ALPHAS",
    "channels": "CHANNELS",
    "distribute": "DISTRIBUTIONS",
}


def check_config(config: Any) -> None:
    """Refuses what cannot work; lists become tuples, and a path a string.

    Args:
        config: `Config`, as its dataclass has made it.

    Raises:
        ConfigError: with the option, its value and what was expected.
    """
    for name in ("hidden", "condition", "ignore"):
        if isinstance(getattr(config, name), list):  # as JSON gives it
            object.__setattr__(config, name, tuple(getattr(config, name)))
    if isinstance(config.columns, PurePath):
        object.__setattr__(config, "columns", str(config.columns))
    _check_each(config)
    _check_together(config)


def expect(config: Any, name: str, is_met: bool, expected: str) -> None:
    """Refuses a value that is not what was expected."""
    if not is_met:
        raise ConfigError(f"{name}={getattr(config, name)!r}: expected {expected}")


def _check_each(config: Any) -> None:
    for name in WHOLE:
        value = getattr(config, name)
        is_count = value is None or _is_whole(value, 1)
        expect(config, name, is_count, "a whole number of at least 1, or None")
    expect(config, "resampled", _is_whole(config.resampled, 0), "a whole number of at least 0")
    expect(config, "seed", _is_whole(config.seed, 0), "a whole number in [0, 2**31)")
    is_hidden = config.hidden is None or (
        isinstance(config.hidden, tuple)
        and len(config.hidden) > 0
        and all(_is_whole(width, 1) for width in config.hidden)
    )
    expect(config, "hidden", is_hidden, "widths of at least 1, such as (512, 256)")
    for name in ("condition", "ignore"):
        names = getattr(config, name)
        are_names = isinstance(names, tuple) and all(isinstance(n, str) and n for n in names)
        expect(config, name, are_names, 'names, such as ("age",)')
    is_once = len(set(config.condition)) == len(config.condition)
    expect(config, "condition", is_once, "each name once")
    for name in ("columns", "label_column", *choices.SPLIT_COLUMNS, "layer"):
        value = getattr(config, name)
        expect(config, name, value is None or isinstance(value, str), "a name or path")
    expect(config, "library", config.library in (None, True, False), "True, False or None")
    for name, names in {**NAMED, **NAMED_OR_NONE}.items():
        known = getattr(choices, names)
        is_open = name in NAMED_OR_NONE and getattr(config, name) is None
        is_known = is_open or getattr(config, name) in known
        expect(config, name, is_known, f"one of {', '.join(known)}")
    for name in ("beta", "free_nats"):
        expect(config, name, _is_real(getattr(config, name)), "a finite number of at least 0")
    for name in ("capacity", "clip_norm"):
        value = getattr(config, name)
        expect(config, name, value is None or _is_real(value), "a finite number, or None")
    expect(config, "clip_norm", config.clip_norm != 0, "a finite number above 0, or None")
    is_fraction = config.warmup is None or (_is_real(config.warmup) and config.warmup < 1)
    expect(config, "warmup", is_fraction, "a fraction of training in [0, 1)")
    is_kept = _is_real(config.ema) and config.ema < 1
    expect(config, "ema", is_kept, "a momentum in [0, 1), such as 0.999; 0 for none")
    is_rate = _is_real(config.learning_rate) and config.learning_rate > 0
    expect(config, "learning_rate", is_rate, "a finite number above 0")


def _check_together(config: Any) -> None:
    if config.library and config.likelihood not in (None, *choices.COUNTS):
        counts = ", ".join(choices.COUNTS)
        raise ConfigError(f"library: is for counts ({counts}), not {config.likelihood}")
    is_cut = config.stride is None or config.window is not None
    expect(config, "stride", is_cut, "None without a window")
    told = [name for name in choices.SPLIT_COLUMNS if getattr(config, name) is not None]
    if len(told) > 1 and not (config.window and told[1:] == ["split_order"]):
        raise ConfigError(f"{' and '.join(told)}: each says how to split; choose one")
    _check_objective(config)
    has_components = config.prior in ("mixture", "vamp")
    is_asked = config.components is None or has_components
    expect(config, "components", is_asked, "None but for prior mixture or vamp")
    is_dense = config.activation == "relu" or config.network == "mlp"
    expect(config, "activation", is_dense, "relu but for network mlp")


def _check_objective(config: Any) -> None:
    """The options of an objective, and no others; what it asks of q(z|x) and p(z)."""
    known = choices.GRADIENTS_OF[config.objective]
    of_objective = f"{' or '.join(known)} of objective {config.objective}"
    expect(config, "gradient", config.gradient in known, of_objective)
    if config.objective != "elbo":
        not_elbo = f"for objective elbo, not {config.objective}"
        expect(config, "free_nats", config.free_nats == 0, f"0 but {not_elbo}")
        expect(config, "capacity", config.capacity is None, f"None but {not_elbo}")
    check_one_change_of_rate(config.free_nats, config.capacity, config.gradient)
    if config.objective != "iwae":
        expect(config, "resampled", config.resampled == 0, "0 but for objective iwae")
    elif config.samples is not None:
        check_resampled(config.resampled, config.samples)
    if config.objective == "beta-tc":
        expect(config, "samples", config.samples in (None, 1), "1 of objective beta-tc")
        expect(config, "posterior", config.posterior == "diagonal", "diagonal for beta-tc")
        expect(config, "prior", config.prior == "standard", "standard for beta-tc")
    if config.posterior == "iaf":
        expect(config, "gradient", config.gradient == "plain", "plain with posterior iaf")
        expect(config, "prior", config.prior != "vamp", "another than vamp with posterior iaf")


def _is_whole(value: Any, least: int) -> bool:
    """Whether `value` is an integer, and no bool, in [least, 2**31)."""
    is_integer = isinstance(value, Integral) and not isinstance(value, bool)
    return is_integer and least <= value < 2**31


def _is_real(value: Any) -> bool:
    """Whether `value` is a number, and no bool, of at least 0 that float32 can hold."""
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    return is_number and 0 <= value < 1e38
