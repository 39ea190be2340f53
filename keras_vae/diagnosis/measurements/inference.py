"""How far the encoder's q(z|x) is from the best, and what more training would do."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

import keras
import numpy as np

from keras_vae import measures
from keras_vae.data.given import array_of, count, take
from keras_vae.diagnosis.measurements.calls import mask_of
from keras_vae.diagnosis.measurements.examined import Examined, Terms, latent_rates

__all__ = ["PROBE_STEPS", "Inference"]

SearchedT = TypeVar("SearchedT", bound=measures.RefinedElbo)

# Of log p(x) by importance sampling: examples, samples each.
BOUND_EXAMPLES, BOUND_SAMPLES = 100, 200
# Of the ELBO of searched posteriors alone: draws for each example.
ELBO_SAMPLES = 50
PROBE_STEPS = 200
# Examples at which the directions that the encoder uses are measured.
DIRECTION_EXAMPLES = 50
# For posteriors searched by Gauss-Newton: draws to compare them with the encoder's.
SEARCH_DRAWS = 16
# Numbers that are decoded at once, and rows at most: of small examples many rows, because a call of
# the decoder takes longer than what it computes.
DECODED_NUMBERS, DECODED_ROWS = 400_000, 4000
# Numbers of a Jacobian that are held at once.
SEARCH_NUMBERS = 10_000_000


class Inference(Examined):
    """Searched posteriors, bounds on log p(x), and probes by training on."""

    def _log_likelihood(self, x: Any) -> Callable[[np.ndarray], np.ndarray]:
        """(M, N, d) -> log p(x|z), (M, N), for the examples x."""
        rows = min(max(self.batch_size, DECODED_NUMBERS // self.entries), DECODED_ROWS)

        def of_draws(z: np.ndarray) -> np.ndarray:
            repeated = keras.tree.map_structure(
                lambda part: np.tile(part, (len(z),) + (1,) * (part.ndim - 1)), x
            )
            flat = z.reshape(-1, z.shape[-1]).astype("float32")
            return self.log_prob(repeated, flat, size=rows).reshape(z.shape[:2])

        def log_likelihood(z: np.ndarray) -> np.ndarray:
            # as many draws at a time as make a batch: x is repeated no further
            size = max(rows // count(x), 1)
            return np.concatenate([of_draws(z[at : at + size]) for at in range(0, len(z), size)])

        return log_likelihood

    def _log_joint(self, x: Any) -> Callable[[np.ndarray], np.ndarray]:
        """(M, N, d) -> log p(x, z), (M, N), for the examples x."""
        log_likelihood = self._log_likelihood(x)

        def log_joint(z: np.ndarray) -> np.ndarray:
            return log_likelihood(z) - 0.5 * np.sum(z**2 + np.log(2 * np.pi), axis=-1)

        return log_joint

    def _searched(self, terms: Terms, search: Callable[..., SearchedT], samples: int) -> SearchedT:
        """`measures.refined_elbo` or `refined_posterior` of the first examples of a split."""
        self._check_closed_form()
        x, z_mean, z_log_var = _first(terms)
        start = self.searched_codes(x, z_mean)
        return search(self._log_joint(x), z_mean, z_log_var, samples, self.seed, start)

    @cached_property
    def train_inference(self) -> measures.RefinedElbo:
        """`RefinedElbo` of the first training examples."""
        if self.test_terms is None:
            return self.inference
        return self._searched(self.train_terms, measures.refined_elbo, ELBO_SAMPLES)

    @cached_property
    def inference(self) -> measures.RefinedPosterior:
        """`RefinedPosterior` of the first held-out examples."""
        return self._searched(self.held_out, measures.refined_posterior, BOUND_SAMPLES)

    @property
    def bound_above_elbo(self) -> np.ndarray:
        """L_K - ELBO of each of the first held-out examples, (n,), nats: with the bound by the
        model's own code where p(x, z) / q(z|x) is not known here."""
        own = self.subject.bound
        if self.subject.draw is None or own is None:
            return self.inference.bound - self.inference.elbo
        few = take(self.held_out.given, slice(BOUND_EXAMPLES))
        return np.asarray(own(few, BOUND_SAMPLES), "float64") - self.held_out.elbo[:BOUND_EXAMPLES]

    @property
    def encoder_could_gain(self) -> np.ndarray | None:
        """What a search gains on the encoder's posteriors for each of the first held-out examples,
        (n,), nats: about all that training the encoder alone could gain. None where no search by
        gradients is possible."""
        is_searched = self.subject.draw is None and self._has_moments(self.likelihood)
        return self.inference.gain if is_searched else None

    @property
    def few_train(self) -> tuple[Any, np.ndarray, np.ndarray]:
        """(x, z_mean, z_log_var) of the first training examples."""
        return _first(self.train_terms)

    def searched_codes(
        self, x: Any, z_mean: np.ndarray, beta: float = 1.0, likelihood: Any = None
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """(z_mean, z_log_var) of least D + beta R for examples x, searched from `z_mean` on; None
        where p(x|z) has no moments to search by.

        Args:
            beta: weight of the rate, above 0.
            likelihood: in place of the subject's.
        """
        self._check_closed_form()
        likelihood = likelihood or self.likelihood
        if not self._has_moments(likelihood):
            return None

        def search(x: Any, z_mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            def moments(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
                mean, variance = likelihood.moments(self._decode(z, x))
                mask = mask_of(x)
                if mask is not None:  # what is missing has no say
                    of_z = np.tile(mask, (len(z) // len(mask),) + (1,) * (mask.ndim - 1))
                    variance = np.where(of_z > 0, variance, np.inf)
                return mean, variance

            return measures.mode_posterior(
                lambda z: self.log_prob(x, z, likelihood=likelihood),
                moments,
                array_of(x),
                z_mean,
                beta,
            )

        size = max(SEARCH_NUMBERS // (self.entries * self.latents), 1)
        rows = [slice(at, at + size) for at in range(0, len(z_mean), size)]
        with np.errstate(over="ignore", invalid="ignore"):
            found = [search(take(x, some), z_mean[some]) for some in rows]
        best_mean, best_log_var = (np.concatenate(part) for part in zip(*found, strict=True))
        return best_mean, best_log_var

    def _has_moments(self, likelihood: Any) -> bool:
        """Whether p(x|z) has moments to search by."""
        return self.subject.log_prob is None and hasattr(likelihood, "moments")

    def searched_gain(self, beta: float) -> np.ndarray | None:
        """What the searched posteriors gain on the encoder's in D + beta R, (n,), nats, for the
        first training examples; None as `searched_codes`, and where q(z|x) is not one that is
        searched."""
        if self.subject.draw is not None:
            return None
        x, z_mean, z_log_var = self.few_train
        found = self.searched_codes(x, z_mean, beta)
        if found is None:
            return None

        def gain(purpose: int) -> np.ndarray:
            # the same noise for both
            noise = self._rng(purpose).standard_normal((SEARCH_DRAWS, *z_mean.shape))
            own = self._loss(x, z_mean, z_log_var, beta, noise)
            return own - self._loss(x, *found, beta, noise)

        # other draws decide which is better than measure by how much
        return np.where(gain(8) > 0, gain(9), 0.0)

    def _loss(
        self,
        x: Any,
        z_mean: np.ndarray,
        z_log_var: np.ndarray,
        beta: float,
        noise: np.ndarray,
    ) -> np.ndarray:
        """D + beta R of each example, the mean over draws; the rate is exact."""
        draws = z_mean + np.exp(z_log_var / 2) * noise
        distortion = -np.mean(self._log_likelihood(x)(draws), axis=0)
        return distortion + beta * latent_rates(z_mean, z_log_var).sum(axis=1)

    @cached_property
    def encoder_directions(self) -> tuple[int, int] | None:
        """(directions of x that the encoder uses, as many as a linear one may have for the latents
        that are in use); None where x has no more than that, or the encoder is constant near every
        x."""
        linear = 2 * int(measures.active_units(self.train_terms.z_mean).sum())
        if linear >= self.entries:
            return None
        few = take(self.given_train, slice(DIRECTION_EXAMPLES))

        def encode(x: np.ndarray) -> Any:
            """With the conditions of these examples."""
            return self.subject.encode({**few, "x": x} if isinstance(few, dict) else x)

        found = measures.input_directions(encode, self.train[:DIRECTION_EXAMPLES], self.seed)
        return (found, linear) if found else None

    @cached_property
    def reported_bound(self) -> tuple[int, np.ndarray, np.ndarray, np.ndarray, np.ndarray] | None:
        """(K, L_K by the model's own code, L_K, ELBO, mean of log w weighted by w), each (n,), of a
        few held-out examples; or None."""
        if self.subject.bound is None:
            return None
        few = take(self.held_out.given, slice(BOUND_EXAMPLES))
        theirs = np.asarray(self.subject.bound(few, BOUND_SAMPLES))
        own = self.inference
        return BOUND_SAMPLES, theirs, own.encoder_bound, own.elbo, own.encoder_weighted

    def probe(self, part: str, steps: int = PROBE_STEPS) -> Terms | None:
        """Terms of the held-out examples after some steps more of training `part`, or None."""
        if self.subject.probe is None:
            return None
        if (part, steps) not in self._probes:
            trained = self.subject.probe(part, steps)
            measured = Examined(trained, self.examples, self.seed)
            self._probes[part, steps] = measured.terms(self.held_out.given)
        return self._probes[part, steps]

    def has_probed(self, part: str) -> bool:
        """Whether all steps of training `part` have been made."""
        return (part, PROBE_STEPS) in self._probes

    @cached_property
    def _probes(self) -> dict[tuple[str, int], Terms]:
        return {}


def _first(terms: Terms) -> tuple[Any, np.ndarray, np.ndarray]:
    """(x, z_mean, z_log_var) of the first examples of a split."""
    few = slice(0, BOUND_EXAMPLES)
    return take(terms.given, few), terms.z_mean[few], terms.z_log_var[few]
