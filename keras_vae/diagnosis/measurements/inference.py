"""How far the encoder's q(z|x) is from the best, and what more training would do."""

from functools import cached_property

import numpy as np

from keras_vae import measures
from keras_vae.diagnosis.measurements.examined import Examined

__all__ = ["Inference"]

# Of log p(x) by importance sampling: examples, samples each.
BOUND_EXAMPLES, BOUND_SAMPLES = 100, 200
PROBE_STEPS = 200


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

    @cached_property
    def reported_bound(self):
        """(K, L_K by the model's own code, L_K, ELBO) of a few held-out examples, or None."""
        if self.subject.bound is None:
            return None
        theirs = np.asarray(self.subject.bound(self.held_out.x[:BOUND_EXAMPLES], BOUND_SAMPLES))
        return BOUND_SAMPLES, theirs, self.inference.encoder_bound, self.inference.elbo

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
