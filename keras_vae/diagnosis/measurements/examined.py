"""The examples that are looked at, and the terms of their ELBO."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import keras
import numpy as np

from keras_vae.diagnosis.measurements.family import Family
from keras_vae.diagnosis.subjects.subject import Subject
from keras_vae.errors import DataError, DoesNotApply

__all__ = ["CONSTANT", "NO_RATE", "Examined", "Terms", "latent_rates"]

# Nats: below it z carries no information.
NO_RATE = 0.5
# Outputs that differ by less are the same.
CONSTANT = 1e-6

NO_CLOSED_FORM = (
    "does not apply: it is defined where q(z|x) is a diagonal normal and p(z) = N(0, I); they are "
    "not in this model"
)
BATCH_SIZE = 500
SALT = 4021

# z_mean, z_log_var and z, each (N, d), and the rate by the model's own code (N,), or None
Codes: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray | None]


@dataclass(frozen=True)
class Terms:
    """One split, encoded, sampled once and decoded.

    Attributes:
        x: (N, *event_shape).
        z_mean, z_log_var, z: (N, d).
        distortion: float64 (N,), nats, at that z.
        own_rate: float64 (N,), nats, by the model's own code; None where q(z|x) is a diagonal
            normal and p(z) = N(0, I), so that the closed form holds.
    """

    x: np.ndarray
    z_mean: np.ndarray
    z_log_var: np.ndarray
    z: np.ndarray
    distortion: np.ndarray
    own_rate: np.ndarray | None = None

    @cached_property
    def latent_rates(self) -> np.ndarray:
        """KL(q(z_j|x) || N(0, 1)) of each latent, float64 (N, d), nats."""
        if self.own_rate is not None:
            raise DoesNotApply(NO_CLOSED_FORM)
        return latent_rates(self.z_mean, self.z_log_var)

    @property
    def rate(self) -> np.ndarray:
        return self.latent_rates.sum(axis=1) if self.own_rate is None else self.own_rate

    @property
    def elbo(self) -> np.ndarray:
        return -(self.distortion + self.rate)


class Examined(Family):
    """A subject, some of its examples and the terms of their ELBO.

    Args:
        subject: `Subject`.
        examples: how many of each split to look at, at most.
        seed: of the choice of examples and of every draw.
    """

    def __init__(self, subject: Subject, examples: int = 2000, seed: int = 0) -> None:
        self.subject = subject
        self.seed = seed
        self.examples = examples
        self.train = self._some(subject.train)
        self.test = None if subject.test is None else self._some(subject.test)
        self.entries = int(np.prod(self.train.shape[1:]))

    def _some(self, x: np.ndarray) -> np.ndarray:
        chosen = self._rng(1).permutation(len(x))[: self.examples]
        return np.asarray(x)[np.sort(chosen)]

    def _rng(self, purpose: int, draw: int = 0) -> np.random.Generator:
        # Not default_rng(seed): whoever made the data may have drawn them from that.
        return np.random.default_rng((self.seed, draw, SALT, purpose))

    @cached_property
    def likelihood(self) -> Any:
        """The subject's; a Gaussian without sigma gets the one that fits its errors."""
        if not self.leaves_sigma_open:
            return self.subject.likelihood
        _, _, z, _ = self._train_codes
        errors = self.train - np.asarray(self._decode(z), "float64")
        return _with_sigma_of(self.subject.likelihood, errors)

    def _encode(
        self, x: np.ndarray, encode: Callable[..., Any] | None = None
    ) -> tuple[np.ndarray, ...]:
        parts = [(encode or self.subject.encode)(batch) for batch in _batches(x)]
        return tuple(np.concatenate([np.asarray(p) for p in part]) for part in zip(*parts))  # noqa: B905

    def _decode(self, z: np.ndarray, decode: Callable[..., Any] | None = None) -> Any:
        parts = [(decode or self.subject.decode)(batch) for batch in _batches(z)]
        return keras.tree.map_structure(lambda *of_one: np.concatenate(of_one), *parts)

    def _check_closed_form(self) -> None:
        """Passes a subject whose q(z|x) is a diagonal normal and whose p(z) is N(0, I).

        Raises:
            DoesNotApply: for any other.
        """
        if self.subject.draw is not None:
            raise DoesNotApply(NO_CLOSED_FORM)

    def _draw(self, z_mean: np.ndarray, z_log_var: np.ndarray, draw: int = 0) -> np.ndarray:
        noise = self._rng(2, draw).standard_normal(z_mean.shape)
        with np.errstate(over="ignore", invalid="ignore"):  # of a model that has diverged
            std = np.exp(np.asarray(z_log_var, "float64") / 2)
            return (z_mean + std * noise).astype("float32")

    def decoded_mean(self, z: np.ndarray) -> np.ndarray:
        """The means of p(x|z), (N, *event_shape)."""
        return np.concatenate(
            [self.likelihood.mean(self.subject.decode(batch)) for batch in _batches(z)]
        )

    @cached_property
    def decoded_train(self) -> np.ndarray:
        """The means of p(x|z) at the z of the training examples."""
        return self.decoded_mean(self.train_terms.z)

    def log_prob(
        self, x: np.ndarray, z: np.ndarray, decode: Callable[..., Any] | None = None
    ) -> np.ndarray:
        """log p(x|z) of each x with the z in its place, float64 (N,), nats."""
        own = self.subject.log_prob
        pairs = zip(_batches(x), _batches(z), strict=True)
        if own is not None and decode is None:
            return np.concatenate([np.asarray(own(x, z), "float64") for x, z in pairs])
        decode = decode or self.subject.decode
        with np.errstate(invalid="ignore", over="ignore"):  # of a model that has diverged
            return np.concatenate([self.likelihood.log_prob(x, decode(z)) for x, z in pairs])

    def terms(
        self,
        x: np.ndarray,
        encode: Callable[..., Any] | None = None,
        decode: Callable[..., Any] | None = None,
        draw: int = 0,
    ) -> Terms:
        """`Terms` of examples x; by the subject's own functions or others in their place."""
        return self._terms(x, self._codes(x, encode, draw), decode)

    def _codes(
        self, x: np.ndarray, encode: Callable[..., Any] | None = None, draw: int = 0
    ) -> Codes:
        """(z_mean, z_log_var, z), each (N, d), and the rate by the model's own code, or None."""
        z_mean, z_log_var = (np.asarray(v, "float64") for v in self._encode(x, encode))
        own = self.subject.draw
        if own is None:
            return z_mean, z_log_var, self._draw(z_mean, z_log_var, draw), None
        if encode is not None:
            raise DoesNotApply(NO_CLOSED_FORM)
        draws = [own(batch, self.seed + draw) for batch in _batches(x)]
        z, rate = (np.concatenate(part) for part in zip(*draws, strict=True))
        return z_mean, z_log_var, z, rate.astype("float64")

    @cached_property
    def _train_codes(self) -> Codes:
        return self._codes(self.train)

    def _terms(
        self, x: np.ndarray, codes: Codes, decode: Callable[..., Any] | None = None
    ) -> Terms:
        z_mean, z_log_var, z, rate = codes
        return Terms(x, z_mean, z_log_var, z, -self.log_prob(x, z, decode), rate)

    @property
    def _training_mode(self) -> tuple[Callable[..., Any] | None, Callable[..., Any] | None]:
        """(encode, decode) in training mode, or None in their places."""
        is_known = self.subject.log_prob is None
        return (self.subject.training_mode if is_known else None) or (None, None)

    @cached_property
    def train_terms(self) -> Terms:
        return self._terms(self.train, self._train_codes)

    @cached_property
    def test_terms(self) -> Terms | None:
        return None if self.test is None else self.terms(self.test)

    @cached_property
    def held_out(self) -> Terms:
        """The terms of the test examples, or, without any, of the training examples."""
        return self.train_terms if self.test_terms is None else self.test_terms

    @cached_property
    def latents(self) -> int:
        return self.train_terms.z_mean.shape[1]

    @cached_property
    def baseline(self) -> float:
        """Mean log p(x) of the training examples where z is ignored, sigma fitted again; nats."""
        likelihood = self._likelihood_without_z(self.train)
        return float(np.mean(_log_prob_without_z(likelihood, self.train, self.train)))

    @cached_property
    def held_out_without_z(self) -> np.ndarray:
        """The same of each held-out example, fitted to all training examples: (N,)."""
        own, train = self.subject.without_z, np.asarray(self.subject.train)
        if own is not None:
            return np.asarray(own(self.held_out.x), "float64")
        return _log_prob_without_z(self._likelihood_without_z(train), train, self.held_out.x)

    @property
    def held_out_baseline(self) -> float:
        """Its mean, nats."""
        return float(np.mean(self.held_out_without_z))

    @property
    def gain(self) -> np.ndarray:
        """ELBO of each held-out example above its log p(x) where z is ignored, (N,), nats."""
        return self.held_out.elbo - self.held_out_without_z

    @cached_property
    def loss_without_z(self) -> float:
        """Mean -log p(x) of the training examples with the sigma that the model has, nats."""
        return -float(np.mean(_log_prob_without_z(self.likelihood, self.train, self.train)))

    def _likelihood_without_z(self, x: np.ndarray) -> Any:
        """The likelihood, its one sigma, where it has one, that of examples without z."""
        if self.sigma is None:
            return self.likelihood
        return _with_sigma_of(self.likelihood, x - x.mean(axis=0))

    @cached_property
    def worth(self) -> float:
        """What training has gained, nats: the scale of what it may lose. On a model without z, or,
        where it has lost to that, on one that has its sigma too."""
        elbo = float(np.mean(self.train_terms.elbo))
        gained = elbo - self.baseline
        return max(gained if gained > 0 else elbo + self.loss_without_z, 1.0)


def _with_sigma_of(likelihood: Any, errors: np.ndarray) -> Any:
    """The likelihood with the sigma that fits the errors best."""
    # sigma^2 = mean (x - m)^2
    sigma = float(np.sqrt(np.mean(np.square(errors, dtype="float64"))))
    if sigma == 0:
        raise DataError(
            "every reconstruction error is exactly 0, as with constant data, so no sigma fits; "
            "give data that vary or, for an exact decoder, likelihood=Gaussian(sigma=...)"
        )
    return likelihood.with_sigma(sigma)


def latent_rates(z_mean: np.ndarray, z_log_var: np.ndarray) -> np.ndarray:
    """KL(q(z_j|x) || N(0, 1)) of each latent, (N, d), nats."""
    with np.errstate(over="ignore", invalid="ignore"):  # of a model that has diverged
        # R_j = 1/2 (var_j + mean_j^2 - 1 - log var_j)
        return 0.5 * (np.exp(z_log_var) + z_mean**2 - 1 - z_log_var)


def _log_prob_without_z(likelihood: Any, fitted: np.ndarray, x: np.ndarray) -> np.ndarray:
    """log p(x) of each x, (N,), nats, for the decoder output that fits other examples; NaN where
    the likelihood cannot describe them."""
    with np.errstate(invalid="ignore", over="ignore"):
        parameters = likelihood.without_z(fitted)
        parameters = keras.tree.map_structure(lambda part: part[None], parameters)
        return likelihood.log_prob(x, parameters)


def _batches(values: np.ndarray) -> list[np.ndarray]:
    return [values[start : start + BATCH_SIZE] for start in range(0, len(values), BATCH_SIZE)]
