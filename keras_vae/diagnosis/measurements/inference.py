"""How far the encoder's q(z|x) is from the best, and what more training would do."""

from functools import cached_property

import numpy as np

from keras_vae import measures
from keras_vae.diagnosis.measurements.examined import Examined

__all__ = ["Inference"]

# Of log p(x) by importance sampling: examples, samples each.
BOUND_EXAMPLES, BOUND_SAMPLES = 100, 200
PROBE_STEPS = 200
# Of posteriors searched by Gauss-Newton: draws by which they are compared with the encoder's.
SEARCH_DRAWS = 16


class Inference(Examined):
    """Searched posteriors, bounds on log p(x), and probes by training on."""

    def _log_joint(self, x):
        """(M, N, d) -> log p(x, z), (M, N), for the examples x."""

        def log_joint(z):
            flat = z.reshape(-1, z.shape[-1]).astype("float32")
            repeated = np.tile(x, (len(z),) + (1,) * (x.ndim - 1))
            log_prior = -0.5 * np.sum(z**2 + np.log(2 * np.pi), axis=-1)
            return self.log_prob(repeated, flat).reshape(z.shape[:2]) + log_prior

        return log_joint

    def _refined(self, terms):
        few = slice(0, BOUND_EXAMPLES)
        return measures.refined_posterior(
            self._log_joint(terms.x[few]),
            terms.z_mean[few],
            terms.z_log_var[few],
            BOUND_SAMPLES,
            self.seed,
        )

    @cached_property
    def train_inference(self):
        """`RefinedPosterior` of the first training examples."""
        return self._refined(self.train_terms)

    @cached_property
    def inference(self):
        """`RefinedPosterior` of the first held-out examples."""
        return self._refined(self.held_out)

    def searched_codes(self, beta=1.0, likelihood=None):
        """(z_mean, z_log_var) of least D + beta R for the first training examples, searched from
        the encoder's; None where p(x|z) has no moments to search by.

        Args:
            beta: weight of the rate, above 0.
            likelihood: in place of the subject's.
        """
        likelihood = likelihood or self.likelihood
        if self.subject.log_prob is not None or not hasattr(likelihood, "moments"):
            return None
        x, z_mean = self.train[:BOUND_EXAMPLES], self.train_terms.z_mean[:BOUND_EXAMPLES]
        with np.errstate(over="ignore", invalid="ignore"):
            return measures.mode_posterior(
                lambda z: likelihood.log_prob(x, self.subject.decode(z)),
                lambda z: likelihood.moments(self.subject.decode(z)),
                x,
                z_mean,
                beta,
            )

    def searched_gain(self, beta):
        """What the searched posteriors gain on the encoder's in D + beta R, (n,), nats, for the
        first training examples; None as `searched_codes`."""
        found = self.searched_codes(beta)
        if found is None:
            return None
        x = self.train[:BOUND_EXAMPLES]
        own = self.train_terms.z_mean[: len(x)], self.train_terms.z_log_var[: len(x)]

        def losses(z_mean, z_log_var, purpose):
            # the same noise for both; the rate is exact
            noise = self._rng(purpose).standard_normal((SEARCH_DRAWS, *z_mean.shape))
            z = (z_mean + np.exp(z_log_var / 2) * noise).astype("float32")
            distortion = -np.mean([self.log_prob(x, draw) for draw in z], axis=0)
            rate = 0.5 * np.sum(np.exp(z_log_var) + z_mean**2 - 1 - z_log_var, axis=1)
            return distortion + beta * rate

        # which is better is asked of other draws than by how much
        is_better = losses(*found, 8) < losses(*own, 8)
        return np.where(is_better, losses(*own, 9) - losses(*found, 9), 0.0)

    @cached_property
    def reported_bound(self):
        """(K, L_K by the model's own code, L_K, ELBO, mean of log w weighted by w), each (n,), of a
        few held-out examples; or None."""
        if self.subject.bound is None:
            return None
        theirs = np.asarray(self.subject.bound(self.held_out.x[:BOUND_EXAMPLES], BOUND_SAMPLES))
        own = self.inference
        return BOUND_SAMPLES, theirs, own.encoder_bound, own.elbo, own.encoder_weighted

    def probe(self, part):
        """Terms of the held-out examples after some steps more of training `part`, or None."""
        if self.subject.probe is None:
            return None
        if part not in self._probes:
            trained = self.subject.probe(part, PROBE_STEPS)
            measured = Examined(trained, self.examples, self.seed)
            self._probes[part] = measured.terms(self.held_out.x)
        return self._probes[part]

    @cached_property
    def _probes(self):
        return {}
