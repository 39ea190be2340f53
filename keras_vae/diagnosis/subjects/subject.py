"""Subject: a trained VAE of any framework, as functions over NumPy arrays."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from keras_vae.config import Config
from keras_vae.errors import ConfigError, check_name, check_weight

__all__ = ["OBJECTIVES", "RENAMED", "Subject", "check_attribute"]

OBJECTIVES = ("elbo", "iwae", "other")
# Attributes that had another name before.
RENAMED = {"sample": "training_draw"}


def check_attribute(what: str, name: str, names: Iterable[str]) -> None:
    """Refuses a name that a `Subject` does not have.

    Raises:
        ConfigError: with the names, or the one that an old one is called now.
    """
    if name in RENAMED:
        raise ConfigError(f"{what}={name!r}: it is now called {RENAMED[name]!r}")
    check_name(what, name, names)


@dataclass(frozen=True)
class Subject:
    """What a diagnosis can measure of a model. Only the first four are needed; each other one
    allows more checks.

    Attributes:
        encode: x (N, *event_shape) -> (z_mean, z_log_var), each (N, d); z_log_var is the natural
            log of the VARIANCE.
        decode: z (N, d) -> the parameters of p(x|z), (N, *event_shape).
        likelihood: p(x|z): `OfLikelihood` of a model's own, or one of
            `keras_vae.diagnosis.subjects.likelihoods` for a model that has none.
        train: (N, *event_shape): training examples, as the model sees them. Of a `keras_vae.VAE`
            also a dictionary with mask and condition, which its functions take for x; `decode`
            then takes the conditions besides z.
        test: the same of examples that it was not trained on.
        training_draw: x -> z (N, d): a draw of q(z|x) by the code that training uses, with noise of
            its own. It is held against z_mean and z_log_var; no figure is computed with it.
        loss_fn: x (batch, *event_shape) -> what the training code computes for that batch: a
            dictionary with `"loss"` and, if it has them, `"distortion"` and `"rate"`; numbers, or
            arrays with a value for each example.
        log_prob: (x, z) -> log p(x|z), (N,): for a decoder that sees x as well as z, in place of
            `decode`'s likelihood.
        generate: count -> the means of p(x|z) for as many draws of the prior, by the model's code;
            or what `likelihood.reconstruction` gives, where there is such a method.
        bound: (x, K) -> the importance-weighted bound L_K (N,), by the model's own code.
        training_mode: (encode, decode) as they compute in training (dropout, batch statistics).
        served: (encode, decode) of the exported model.
        probe: (part, steps) -> a Subject trained on, with the ELBO as objective: `"encoder"`,
            `"decoder"` or `"both"`.
        history: name -> list of values by epoch, as logged.
        beta: the intended weight of the rate at the end of training.
        free_nats: floor under each example's rate in the loss, nats.
        stored: (train, test) as they are stored, where `train` and `test` are binary draws of
            them: what duplicates are looked for in.
        reading: what reading did to the values, in words, as `Dataset.reading`.
        objective: `"elbo"`, `"iwae"` or `"other"`, as `Objective.kind`.
        options: the options of `keras_vae.Config` that it was trained with, by name, so that
            remedies start from them; empty where there were none.
        draw: (x, seed) -> (z (N, d), rate (N,)): a draw of q(z|x) of each example, and
            KL(q(z|x) || p(z)), nats, by the model's own code. All figures are computed with it, in
            place of z_mean and z_log_var: for a q(z|x) that is not a diagonal normal, or a p(z)
            that is not N(0, I). Rules that are made for these do then not apply.
        prior: (draw, log_prob) of a p(z) that is not N(0, I): (count, seed) -> z (count, d), and
            z (N, d) -> log p(z) (N,), nats; with `draw`, which has its rate.
        without_z: x -> log p(x) (N,), nats, of the likelihood fitted to all training examples
            without z: the baseline by the model's own code.
        columns: of a table, the entries of x as `keras_vae.data.tables.Column`s; none of other
            data.
        conditions: what the entries of the condition of `train` and `test` are, as
            `keras_vae.conditions.Condition`s; none where they have no names.
        labels: (N,): the class of each training example.

    Raises:
        ConfigError: if an attribute is of another kind than these, or a name is unknown.
    """

    encode: Callable[..., Any]
    decode: Callable[..., Any]
    likelihood: Any
    train: Any
    test: Any = None
    training_draw: Callable[..., Any] | None = None
    loss_fn: Callable[..., Any] | None = None
    log_prob: Callable[..., Any] | None = None
    generate: Callable[..., Any] | None = None
    bound: Callable[..., Any] | None = None
    training_mode: tuple[Callable[..., Any], Callable[..., Any]] | None = None
    served: tuple[Callable[..., Any], Callable[..., Any]] | None = None
    probe: Callable[..., Any] | None = None
    history: dict[str, Any] = field(default_factory=dict)
    beta: float = 1.0
    free_nats: float = 0.0
    stored: tuple[np.ndarray, np.ndarray] | None = None
    reading: tuple[str, ...] = ()
    objective: str = "elbo"
    options: dict[str, Any] = field(default_factory=dict)
    without_z: Callable[..., Any] | None = None
    draw: Callable[[Any, int], tuple[Any, Any]] | None = None
    prior: tuple[Callable[..., Any], Callable[..., Any]] | None = None
    columns: Sequence[Any] = ()
    conditions: Sequence[Any] = ()
    labels: Any = None

    def __new__(cls, *args: Any, **given: Any) -> "Subject":
        for name in given:
            check_attribute("Subject argument", name, [each.name for each in fields(cls)])
        return super().__new__(cls)

    def __post_init__(self) -> None:
        check_name("objective", self.objective, OBJECTIVES)
        for attributes, is_right, expected in KINDS:
            for name in attributes:
                value = getattr(self, name)
                if not is_right(value) and (value is not None or name not in OPTIONAL):
                    said = " ".join(repr(value).split())  # of an array on one line
                    raise ConfigError(f"{name}={said:.60}: expected {expected}")
        for name in ("beta", "free_nats"):
            check_weight(name, getattr(self, name))
        if self.prior is not None and self.draw is None:
            raise ConfigError(
                "prior: the rate of another p(z) than N(0, I) is not known without draw=(x, seed) "
                "-> (z, rate); give both"
            )
        for option in self.options:
            check_name("options", option, [each.name for each in fields(Config)])


OPTIONAL = {each.name for each in fields(Subject) if each.default is None}


def _are_pair(value: Any) -> bool:
    return isinstance(value, (tuple, list)) and len(value) == 2


def _are_functions(value: Any) -> bool:
    return _are_pair(value) and all(map(callable, value))


# (attributes, what they must be, the same in words)
KINDS = (
    (
        ("encode", "decode", "training_draw", "loss_fn", "log_prob", "generate", "bound", "probe",
         "without_z", "draw"),
        callable,
        "a function",
    ),
    (
        ("training_mode", "served"),
        _are_functions,
        "two functions, (encode, decode)",
    ),
    (
        ("prior",),
        _are_functions,
        "two functions, (draw, log_prob)",
    ),
    (("stored",), _are_pair, "two arrays, (train, test)"),
    (("reading",), lambda value: isinstance(value, (tuple, list)), "a tuple of words"),
    (("columns",), lambda value: isinstance(value, (tuple, list)), "a tuple of columns"),
    (("conditions",), lambda value: isinstance(value, (tuple, list)), "a tuple of conditions"),
    (("labels",), lambda value: np.ndim(value) == 1, "an array (N,), a class for each example"),
    (("options",), lambda value: isinstance(value, dict), "a dictionary of options of Config"),
    (
        ("history",),
        lambda value: isinstance(value, dict) and all(np.ndim(v) == 1 for v in value.values()),
        "a dictionary of lists of values, one an epoch (of a Keras History its .history)",
    ),
)  # fmt: skip
