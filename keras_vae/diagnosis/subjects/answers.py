"""The functions of a subject, with every answer checked against what `Subject` says of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from keras_vae.diagnosis.subjects.likelihoods import Bernoulli, Gaussian
from keras_vae.diagnosis.subjects.subject import Subject
from keras_vae.errors import ConfigError, first_line

__all__ = ["held_to_its_word"]

# Examples to check that encoder and decoder fit before anything is measured.
FIRST = 3


def held_to_its_word(subject: Subject) -> Subject:
    """The subject with functions that refuse to return another shape or type than they should:
    NumPy would broadcast it to a wrong figure.

    Returns:
        `Subject`.

    Raises:
        ConfigError: at once, if encoder and decoder do not fit the data; when they are called, for
            the other functions.
    """
    encode = _encoder("encode", subject.encode)
    decode = _decoder("decode", subject.decode, subject)
    event = subject.train.shape[1:]
    z_mean, _ = encode(subject.train[:FIRST])
    latents = z_mean.shape[1]
    decode(z_mean)

    asked: Any = subject  # what it does not have is not asked, see below

    def training_draw(x: np.ndarray) -> np.ndarray:
        return _finite("training_draw", asked.training_draw(x), (len(x), latents))

    def loss_fn(x: np.ndarray) -> dict[str, Any]:
        return _terms(asked.loss_fn(x), len(x))

    def log_prob(x: np.ndarray, z: np.ndarray) -> np.ndarray:
        return _numbers("log_prob", asked.log_prob(x, z), (len(x),))

    def generate(count: int) -> np.ndarray:
        return _finite("generate", asked.generate(count), (count, *event))

    def bound(x: np.ndarray, samples: int) -> np.ndarray:
        return _finite("bound", asked.bound(x, samples), (len(x),))

    def without_z(x: np.ndarray) -> np.ndarray:
        return _numbers("without_z", asked.without_z(x), (len(x),))

    def probe(part: str, steps: int) -> Subject:
        trained = asked.probe(part, steps)
        if not isinstance(trained, Subject):
            raise _unexpected("probe", trained, "a keras_vae.diagnosis.Subject")
        return held_to_its_word(trained)

    def draw(x: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
        answer = asked.draw(x, seed)
        if not isinstance(answer, (tuple, list)) or len(answer) != 2:
            raise _unexpected("draw", answer, f"(z, rate), of {len(x)} examples")
        z, rate = answer
        return (
            _numbers("draw: z", z, (len(x), latents)),
            _numbers("draw: rate", rate, (len(x),)),
        )

    def draw_prior(count: int, seed: int) -> np.ndarray:
        return _finite("prior[0]", asked.prior[0](count, seed), (count, latents))

    def log_prior(z: np.ndarray) -> np.ndarray:
        return _numbers("prior[1]", asked.prior[1](z), (len(z),))

    optional = (training_draw, loss_fn, log_prob, generate, bound, without_z, probe, draw)
    given = [f for f in optional if getattr(subject, f.__name__) is not None]
    pairs: dict[str, Any] = {
        name: (_encoder(f"{name}[0]", pair[0]), _decoder(f"{name}[1]", pair[1], subject))
        for name in ("training_mode", "served")
        if (pair := getattr(subject, name)) is not None
    }
    if subject.prior is not None:
        pairs["prior"] = draw_prior, log_prior
    own: dict[str, Any] = {f.__name__: f for f in given}
    return replace(subject, encode=encode, decode=decode, **own, **pairs)


def _encoder(
    name: str, function: Callable[..., Any]
) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """x -> (z_mean, z_log_var), each (N, d)."""

    def encode(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        answer = function(x)
        expected = f"(z_mean, z_log_var), two arrays of shape ({len(x)}, latents)"
        if isinstance(answer, (dict, str)) or not hasattr(answer, "__len__") or len(answer) != 2:
            raise _unexpected(name, answer, expected)
        z_mean, z_log_var = (_array(name, part, expected) for part in answer)
        is_pair = z_mean.shape == z_log_var.shape and z_mean.ndim == 2 and len(z_mean) == len(x)
        if not is_pair:
            raise _unexpected(name, (z_mean, z_log_var), expected)
        return z_mean, z_log_var

    return encode


def _decoder(
    name: str, function: Callable[..., Any], subject: Subject
) -> Callable[[np.ndarray], Any]:
    """z (N, d) -> parameters of p(x|z); of a likelihood of the user's own, anything that it
    takes."""
    likelihood, event = subject.likelihood, subject.train.shape[1:]

    def decode(z: np.ndarray) -> Any:
        answer, shape = function(z), (len(z), *event)
        if not isinstance(likelihood, (Bernoulli, Gaussian)):
            if answer is None:
                raise _unexpected(name, answer, "the parameters of p(x|z)")
            return answer
        if getattr(likelihood, "sigma", None) != "decoded":
            return _numbers(name, answer, shape)
        expected = f"the pair (mean, log variance), two arrays of shape {shape}"
        if not isinstance(answer, (tuple, list)) or len(answer) != 2:
            raise _unexpected(name, answer, expected)
        return tuple(
            _numbers(f"{name}: {part}", value, shape)
            for part, value in zip(("mean", "log variance"), answer, strict=True)
        )

    return decode


def _terms(terms: Any, count: int) -> dict[str, Any]:
    """What `loss_fn` returned: each term a number, or one for each example."""
    expected = f"a dictionary of numbers, or of arrays of shape ({count},)"
    if not isinstance(terms, dict):
        raise _unexpected("loss_fn", terms, expected)
    for name, value in terms.items():
        value = _array(f"loss_fn: {name}", value, expected)
        if value.size not in (1, count):
            raise _unexpected(f"loss_fn: {name}", value, expected)
    return terms


def _finite(name: str, answer: Any, shape: tuple[int, ...]) -> np.ndarray:
    values = _numbers(name, answer, shape)
    if not np.isfinite(values).all():
        raise ConfigError(
            f"{name} returned NaN or infinite values, where encode and decode give finite ones"
        )
    return values


def _numbers(name: str, answer: Any, shape: tuple[int, ...]) -> np.ndarray:
    """An array of real numbers of that shape."""
    expected = f"an array of shape {shape}"
    values = _array(name, answer, expected)
    if values.shape != shape:
        raise _unexpected(name, values, expected)
    return values


def _array(name: str, answer: Any, expected: str) -> np.ndarray:
    try:
        values = np.asarray(answer)
    except Exception as error:  # whatever the tensors of another library raise
        raise ConfigError(
            f"{name} returned a value that NumPy cannot read ({first_line(error)}); expected "
            f"{expected}"
        ) from error
    if not np.issubdtype(values.dtype, np.number) or np.iscomplexobj(values):
        raise _unexpected(name, answer, expected)
    return values


def _unexpected(name: str, answer: Any, expected: str) -> ConfigError:
    return ConfigError(f"{name} returned {_in_words(answer)}; expected {expected}")


def _in_words(answer: Any) -> str:
    if isinstance(answer, (tuple, list)):
        some = ", ".join(_in_words(part) for part in answer[:4])
        return f"{len(answer)} values ({some}{', ...' if len(answer) > 4 else ''})"
    if hasattr(answer, "shape"):
        return f"an array of shape {tuple(answer.shape)} and dtype {answer.dtype}"
    return f"a {type(answer).__name__}" if answer is not None else "None"
