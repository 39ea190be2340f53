"""A subject -> its findings, ranked, each with what it follows from."""

from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from numbers import Integral
from typing import Any, TypeAlias

import numpy as np

from keras_vae.aliases import Tell
from keras_vae.data import as_dataset
from keras_vae.diagnosis.causes import ranked, with_causes
from keras_vae.diagnosis.diagnosis import Diagnosis
from keras_vae.diagnosis.finding import ERROR, Finding
from keras_vae.diagnosis.measurements import Measurements
from keras_vae.diagnosis.rules import CHEAP, STAGES
from keras_vae.diagnosis.subjects.answers import held_to_its_word
from keras_vae.diagnosis.subjects.likelihoods import as_likelihood
from keras_vae.diagnosis.subjects.of_vae import of_dataset
from keras_vae.diagnosis.subjects.subject import Subject, check_attribute
from keras_vae.errors import ConfigError, DataError, DoesNotApply
from keras_vae.progress import tracked
from keras_vae.vae import VAE

__all__ = ["Question", "ask", "diagnose", "examine"]

# A rule, and what it is asked of.
Question: TypeAlias = tuple[Callable[[Any], Finding | None], Any]

# What a `Subject` has besides what `diagnose` names.
ARGUMENTS = [field.name for field in fields(Subject)[5:]]


def diagnose(
    encode: Any = None,
    decode: Any = None,
    likelihood: Any = None,
    data: Any = None,
    test_data: Any = None,
    examples: int = 2000,
    seed: int = 0,
    cheap: bool = False,
    progress: Tell = lambda what: None,
    **more: Any,
) -> Diagnosis:
    """Says what is wrong with a VAE of any framework, with evidence, cause and remedy.

    For a `keras_vae.VAE` it takes only the model and data: `diagnose(vae, x)`,
    `diagnose(vae, x, test_data=x_test)` or `diagnose(vae, dataset)`. The data are then binarised
    as `vae.protocol` says.

    Args:
        encode: x (N, *event_shape) -> (z_mean, z_log_var), arrays (N, d); z_log_var is the
            natural log of the VARIANCE.
        decode: z (N, d) -> parameters of p(x|z), (N, *event_shape).
        likelihood: `"bernoulli_logits"`, `"bernoulli_probabilities"` (a decoder that ends in a
            sigmoid), `"continuous_bernoulli_logits"`, `"continuous_bernoulli_probabilities"`,
            `"gaussian"` (decode gives the mean; sigma is the one that fits the errors best), an
            object such as `keras_vae.diagnosis.Gaussian(sigma=0.1)`, or a
            `keras_vae.distributions.Likelihood`.
        data: (N, *event_shape): training examples, as the model sees them.
        test_data: examples that it was not trained on.
        examples: how many of each to look at, at most.
        seed: of every draw: the same arguments give the same diagnosis.
        cheap: whether to skip the checks that take more than a few seconds.
        progress: called with the name of each rule before it is asked.
        **more: the other attributes of `Subject`, such as `training_draw`, `loss_fn`, `history` and
            `probe`; each allows more to be looked at.

    Returns:
        `Diagnosis`.

    Raises:
        ConfigError: if an argument is missing, of another kind than that, or a function returns
            something else than it should.
        DataError: if the examples are not real numbers, fewer than 2, or of two shapes.
    """
    for name in more:
        check_attribute("diagnose argument", name, ARGUMENTS)
    if isinstance(encode, VAE):
        subject = _of_vae(encode, decode, likelihood, data, test_data, more)
    else:
        given = {"encode": encode, "decode": decode, "likelihood": likelihood, "data": data}
        missing = [name for name, value in given.items() if value is None]
        if missing:
            raise ConfigError(
                f"diagnose: {missing[0]} is missing; give encode, decode, likelihood and data, or "
                f"a keras_vae.VAE and data"
            )
        likelihood = as_likelihood(likelihood)
        data = _examples("data", data)
        if test_data is not None:
            test_data = _examples("test_data", test_data)
            if test_data.shape[1:] != data.shape[1:]:
                raise DataError(
                    f"test_data has examples of shape {test_data.shape[1:]}, data of "
                    f"{data.shape[1:]}; give examples of one shape"
                )
        subject = held_to_its_word(Subject(encode, decode, likelihood, data, test_data, **more))
    return examine(subject, examples, seed, cheap, progress)


def _examples(name: str, x: Any) -> np.ndarray:
    """The examples as an array of numbers, (N, *event_shape)."""
    x = np.asarray(x)
    x = x.astype("float32") if x.dtype == bool else x
    if not np.issubdtype(x.dtype, np.number) or np.iscomplexobj(x):
        raise DataError(f"{name} holds values of dtype {x.dtype}; expected real numbers")
    if not x.ndim or len(x) < 2:
        raise DataError(
            f"{name} has shape {x.shape}; expected (N, *event_shape) with at least 2 examples"
        )
    return x


def _of_vae(
    vae: VAE, decode: Any, likelihood: Any, data: Any, test_data: Any, more: dict[str, Any]
) -> Subject:
    """The subject of `diagnose(vae, data)`, whose second place is that of `decode`."""
    data = decode if data is None else data
    if data is None or callable(data) or likelihood is not None:
        raise ConfigError(
            "diagnose: a keras_vae.VAE has its own decoder and likelihood; give diagnose(vae, data)"
        )
    dataset = as_dataset(data)
    if test_data is not None:
        test = as_dataset(test_data)
        dataset = replace(dataset, test=test.test, is_split=True)
    return of_dataset(vae, dataset, **more)


def examine(
    subject: Subject,
    examples: int = 2000,
    seed: int = 0,
    cheap: bool = False,
    progress: Tell = lambda what: None,
) -> Diagnosis:
    """`diagnose` of a `Subject`."""
    if not isinstance(examples, Integral) or examples < 2:
        raise ConfigError(f"examples={examples!r}: expected a whole number of at least 2")
    measurements = Measurements(subject, examples, seed)
    rules = [rule for stage in STAGES.values() for rule in stage if not cheap or rule in CHEAP]
    does_not_apply: dict[str, str] = {}
    findings, checked, is_complete = ask(
        [(rule, measurements) for rule in rules], progress, does_not_apply
    )
    return Diagnosis(
        tuple(ranked(with_causes(findings))),
        checked,
        measurements.figures if is_complete else {},
        measurements.protocol,
        does_not_apply,
    )


# After these nothing else can be measured.
STOPS = {"nonfinite_data", "nonfinite_loss"}


def ask(
    questions: Iterable[Question], progress: Tell, does_not_apply: dict[str, str] | None = None
) -> tuple[list[Finding], tuple[str, ...], bool]:
    """Asks rules in turn.

    Args:
        questions: (rule, what it is asked of) pairs.
        progress: called with the name of each rule before it is asked.
        does_not_apply: a dict that receives the name of each rule that is made for other models,
            and why.

    Returns:
        (findings, names of the rules that were asked, whether all were).
    """
    findings, checked = [], []
    for rule, measured in tracked(list(questions)):
        progress(rule.__name__.replace("_", " "))
        checked.append(rule.__name__)
        try:
            found = rule(measured)
        except DoesNotApply as reason:
            if does_not_apply is None:
                raise
            does_not_apply[rule.__name__] = str(reason)
            checked.pop()
            continue
        if found is not None:
            findings.append(found)
            if found.name in STOPS and found.severity == ERROR:
                return findings, tuple(checked), False
    return findings, tuple(checked), True
