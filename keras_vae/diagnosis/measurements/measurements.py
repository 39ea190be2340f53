"""All measurements of a subject, and those that a report prints."""

from typing import Any

from keras_vae import measures
from keras_vae.data.given import count
from keras_vae.diagnosis.measurements.classes import OfClasses
from keras_vae.diagnosis.measurements.columns import OfColumns
from keras_vae.diagnosis.measurements.computation import Computation
from keras_vae.diagnosis.measurements.latents import Latents
from keras_vae.diagnosis.measurements.splits import Splits
from keras_vae.diagnosis.measurements.weighting import Weighting
from keras_vae.errors import DoesNotApply

__all__ = ["Measurements"]


class Measurements(Splits, Weighting, Computation, Latents, OfColumns, OfClasses):
    """Measurements of a subject; None where the subject does not allow one.

    Args:
        subject: `Subject`.
        examples: how many of each split to look at, at most.
        seed: of the choice of examples and of every draw.
    """

    @property
    def figures(self) -> dict[str, Any]:
        """The main measurements, for the report; nats where they are terms of the ELBO."""
        held_out = self.held_out
        whole = self.subject.train if self.subject.test is None else self.subject.test
        return {
            "split": "train" if self.given_test is None else "test",
            "examples": count(held_out.given),
            "examples_of_split": count(whole),
            "elbo": float(held_out.elbo.mean()),
            "elbo_standard_error": measures.standard_error(held_out.elbo),
            "distortion": float(held_out.distortion.mean()),
            "rate": float(held_out.rate.mean()),
            "train_elbo": float(self.train_terms.elbo.mean()),
            "baseline": self.held_out_baseline,
            "active_units": int(self.active.sum()),
            "latent": self.latents,
            **self._figures_of_weights,
        }

    @property
    def _figures_of_weights(self) -> dict[str, Any]:
        """None where they are not determined, or not defined for the model."""
        try:
            beta, threshold = self.implied_beta, self.known_threshold
        except DoesNotApply:
            names = ("implied_beta", "implied_beta_standard_error", "collapse_threshold")
            return dict.fromkeys(names)
        return {
            "implied_beta": beta.beta if beta.is_determined else None,
            "implied_beta_standard_error": beta.standard_error if beta.is_determined else None,
            "collapse_threshold": threshold and threshold[0],
        }

    @property
    def protocol(self) -> str:
        sizes = f"{count(self.given_train)} training examples"
        if self.given_test is not None:
            sizes += f", {count(self.given_test)} test examples"
        read = "; ".join([sizes, *self.subject.reading])
        return (
            f"{read}; one draw of z per example; beta 1 in every ELBO; a finding must be 2 "
            f"standard errors beyond its threshold; seed {self.seed}"
        )
