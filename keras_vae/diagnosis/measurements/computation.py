"""The same model computed in other ways: in training, when it draws, when it is served."""

from functools import cached_property

import keras
import numpy as np

from keras_vae import measures
from keras_vae.data.given import take
from keras_vae.diagnosis.measurements.examined import Examined, Terms

__all__ = ["Computation"]

# Of the noise audit: calls of `training_draw`, and examples in each.
CALLS, CALL_EXAMPLES = 32, 128
# Part of the range of the data: outputs that differ by less are the same but for rounding.
FLAT = 1e-3


class Computation(Examined):
    """The same model as computed by other code than encoder and decoder."""

    @cached_property
    def noise(self) -> measures.NoiseAudit | None:
        """`NoiseAudit` of the draws of z by the training code, or None."""
        self._check_closed_form()
        if self.subject.training_draw is None:
            return None
        x = take(self.given_train, slice(CALL_EXAMPLES))
        z = np.stack([np.asarray(self.subject.training_draw(x)) for _ in range(CALLS)])
        return measures.noise_audit(z, *self._encode(x))

    @cached_property
    def generated_bins(self) -> measures.ClusterShares | None:
        """`ClusterShares` of the model's own samples among decoded draws of the prior; None where
        those are all the same but for rounding."""
        if self.subject.generate is None:
            return None
        z = self._prior_draws(5, self.examples)
        # a median or a mode is another kind of example than a mean
        stands_for_x = getattr(self.likelihood, "reconstruction", self.likelihood.mean)
        outputs = self._decoded_batches(z)
        own = np.concatenate([stands_for_x(of_batch) for of_batch in outputs])
        if np.max(np.ptp(own, axis=0)) < FLAT * np.ptp(self.train_values):
            return None
        return measures.cluster_shares(
            np.asarray(self.subject.generate(self.examples)), own, seed=self.seed
        )

    @cached_property
    def training_mode_terms(self) -> Terms | None:
        """`Terms` of the training examples as the model computes in training, or None."""
        self._check_closed_form()
        encode, decode = self._training_mode
        return None if encode is None else self.terms(self.given_train, encode, decode)

    @cached_property
    def served_drift(self) -> float | None:
        """Largest |exported - own| output over the largest output, or None."""
        if self.subject.served is None:
            return None
        encode, decode = self.subject.served
        x, z = take(self.held_out.given, slice(100)), self.held_out.z[:100]
        own = *self._encode(x), *keras.tree.flatten(self._decode(z, x))
        exported = *self._encode(x, encode), *keras.tree.flatten(self._decode(z, x, decode))
        return max(_drift(a, b) for a, b in zip(own, exported, strict=True))


def _drift(own: np.ndarray, exported: np.ndarray) -> float:
    """Largest difference over the largest value; the difference itself where that is 0; infinite
    where the other values are NaN."""
    drift = float(np.max(np.abs(own - exported)) / (np.max(np.abs(own)) or 1.0))
    return np.inf if np.isnan(drift) else drift
