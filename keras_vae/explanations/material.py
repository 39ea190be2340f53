"""Material: a model and its data, and what several answers share of them, each computed once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import tensorflow as tf

from keras_vae.aliases import Tell
from keras_vae.data import Dataset, count, part_of, take
from keras_vae.distributions import Columns
from keras_vae.evaluation import independent_log_evidence
from keras_vae.evidence import (
    EvidenceIdentity,
    ExactEvidence,
    ImportanceWeighted,
    exact_evidence,
    examples_for,
    importance_weighted_bound,
    posterior_terms,
)
from keras_vae.evidence.exact import MOST_LATENTS
from keras_vae.evidence.identity import identity_by_quadrature, identity_by_sampling
from keras_vae.evidence.log_joint import log_joint_of_pairs
from keras_vae.explanations.companions import Companions
from keras_vae.measures import ElboSurgery, elbo_surgery
from keras_vae.objectives import Elbo
from keras_vae.preconditions import needs_diagonal_normal, needs_standard_normal, reason_against
from keras_vae.traced import call_traced
from keras_vae.vae import VAE

__all__ = ["EXACT_EXAMPLES", "MOST_EXAMPLES", "Material"]

MOST_EXAMPLES = 500
# Of which log p(x) takes seconds.
EXACT_EXAMPLES = 20
SAMPLES = 10  # of z for a distortion
KS = (1, 10, 100, 1000)
# Of a code from 0, for which quadrature is tried; the prior ends at about 4.
FARTHEST = 15.0


@dataclass(frozen=True)
class Material:
    """What the answers are made of; all of examples that training did not see, if the data have
    such a split.

    Attributes:
        vae: `VAE`.
        dataset: `Dataset`, binarised as the model was trained.
        beta: weight of the rate in the loss that the model was trained with.
        example: number, in the split, of the one example that the answers follow through.
        seed: of all draws, and of the small models that are trained for comparison.
        evidence: what `evidence.json` of the run holds; None without.
        progress: called with what is being computed.
    """

    vae: VAE
    dataset: Dataset
    beta: float
    example: int = 0
    seed: int = 0
    evidence: Mapping[str, Any] | None = None
    progress: Tell = field(default=lambda what: None)

    # ---- the examples --------------------------------------------------------------------

    @cached_property
    def rows(self) -> np.ndarray:
        """The examples of the split that are looked at, the one that is followed first."""
        first = np.arange(min(len(self.dataset.split(self.split)), MOST_EXAMPLES))
        return np.concatenate([[self.example], first[first != self.example]])

    @property
    def split(self) -> str:
        return self.dataset.shown_split

    @cached_property
    def x(self) -> Any:
        """At most `MOST_EXAMPLES` examples as the model sees them, the one first."""
        return take(examples_for(self.vae, self.dataset.given(self.split)), self.rows)

    @cached_property
    def one(self) -> Any:
        """The example that the answers follow through, as a batch of one."""
        return take(self.x, slice(1))

    @cached_property
    def few(self) -> Any:
        """The examples that log p(x) is computed of, the one first."""
        return take(self.x, slice(EXACT_EXAMPLES))

    @cached_property
    def labels(self) -> np.ndarray | None:
        """The class of each of `x`; None where the data have no labels."""
        labels = self.dataset.split(self.split).labels
        return None if labels is None else labels[self.rows]

    @property
    def examples(self) -> int:
        return count(self.x)

    def told(self, place: int) -> str:
        """One of `x`, in words: 'example 3 (class 7)'."""
        label = ""
        if self.labels is not None:
            names = self.dataset.class_names
            label = f" (class {self.labels[place] if names is None else names[self.labels[place]]})"
        return f"example {self.rows[place]}{label}"

    @property
    def name(self) -> str:
        """The one example, in words."""
        where = "" if self.split == "all" else f" of the {self.split} split"
        return f"{self.told(0)}{where}"

    @property
    def protocol(self) -> str:
        """What every number depends on, in words."""
        where = "all of it" if self.split == "all" else f"{self.split} split"
        return (
            f"{self.dataset.name}, {where}, first {self.examples} examples and number "
            f"{self.example}; {self.dataset.protocol(self.split)}; {SAMPLES} draws of z an "
            f"example; seed {self.seed}; nats, beta 1"
        )

    # ---- the model -----------------------------------------------------------------------

    @property
    def latents(self) -> int:
        return int(self.vae.latent_dim)

    @property
    def has_quadrature(self) -> bool:
        """Whether log p(x) can be computed by quadrature."""
        return self.no_quadrature is None

    @cached_property
    def no_quadrature(self) -> str | None:
        """Why log p(x) is known from below only, the beginning of a sentence; None where it can be
        computed by quadrature."""
        if self.latents > MOST_LATENTS:
            return f"With {self.latents} latents the integral over z cannot be computed exactly"
        if np.abs(self.codes[0][: count(self.few)]).max() > FARTHEST:
            return "The codes of this model lie too far out for the integral over z to be computed"
        return None

    @property
    def is_plane(self) -> bool:
        return self.latents == 2

    @property
    def is_table(self) -> bool:
        """Whether x is a row of a table, whose entries have units of their own."""
        return isinstance(self.vae.likelihood, Columns)

    @property
    def bounds(self) -> bool:
        """Whether the loss that was minimised is the negative ELBO, and so bounds -log p(x)."""
        is_elbo = type(self.vae.objective) is Elbo and self.vae.free_nats == 0
        return is_elbo and self.beta == 1

    @cached_property
    def not_normal(self) -> str | None:
        """Why formulas for a diagonal normal q(z|x) do not apply; None where they do."""
        return reason_against(needs_diagonal_normal, self.vae)

    @cached_property
    def not_standard(self) -> str | None:
        """Why formulas for that and p(z) = N(0, I) do not apply; None where they do."""
        return reason_against(needs_standard_normal, self.vae)

    # ---- codes, rates, distortions -------------------------------------------------------

    @cached_property
    def codes(self) -> tuple[np.ndarray, np.ndarray]:
        """(z_mean, z_log_var) of `x`, float64 (N, d)."""
        z_mean, z_log_var = self.vae.encode(self.x)
        return z_mean.astype("float64"), z_log_var.astype("float64")

    @cached_property
    def stds(self) -> np.ndarray:
        """Standard deviations of q(z|x), (N, d)."""
        return np.exp(self.codes[1] / 2)

    @cached_property
    def drawn(self) -> np.ndarray:
        """One z ~ q(z|x) of each of `x`, float32 (N, d)."""
        parameters = self.vae.posterior_parameters(self.x)
        return self.vae.sampling(parameters, seed=self.seed).numpy()

    @cached_property
    def terms(self) -> tuple[np.ndarray, np.ndarray]:
        """(distortion, rate) of each of `x`, float64 (N,)."""
        self.progress("rate and distortion")
        return posterior_terms(self.vae, self.x, SAMPLES, self.seed)

    @property
    def distortion(self) -> np.ndarray:
        return self.terms[0]

    @property
    def rate(self) -> np.ndarray:
        return self.terms[1]

    @cached_property
    def surgery(self) -> ElboSurgery | None:
        """The rate taken apart; None where that does not apply."""
        if self.not_standard:
            return None
        return elbo_surgery(*self.codes, samples=2000, seed=self.seed)

    # ---- log p(x) ------------------------------------------------------------------------

    @cached_property
    def exact(self) -> ExactEvidence:
        """log p(x) of `few` by quadrature, for up to three latents."""
        self.progress("log p(x) by quadrature")
        return exact_evidence(self.vae, self.few)

    @cached_property
    def importance(self) -> ImportanceWeighted:
        """L_K of `few`."""
        self.progress("importance-weighted bounds")
        return importance_weighted_bound(self.vae, self.few, KS, self.seed)

    @cached_property
    def identity(self) -> EvidenceIdentity:
        """log p(x) = ELBO + KL(q(z|x) || p(z|x)) of `few`."""
        if self.has_quadrature:
            return identity_by_quadrature(self.vae, self.few, self.exact)
        return identity_by_sampling(self.vae, self.few, self.importance, self.seed)

    @cached_property
    def log_evidence(self) -> tuple[float, float]:
        """(log p(x) of the one example, its error); above three latents the bound L_K."""
        found = self.identity
        return float(found.log_evidence[0]), float(found.error[0])

    @property
    def method(self) -> str:
        """How log p(x) was found, in words."""
        return "by quadrature" if self.has_quadrature else f"L_{KS[-1]}, a lower bound"

    @property
    def known(self) -> str:
        """How well log p(x) of `few` is known, in words."""
        if not self.has_quadrature:
            return "at least"
        return "exact" if self.identity.is_exact else f"within {self.identity.error.max():.2f}"

    @cached_property
    def baseline(self) -> np.ndarray:
        """log p(x) of `x` without z, entries independent, (N,)."""
        return independent_log_evidence(self.vae.likelihood, self.dataset, self.split)[self.rows]

    # ---- one x at any z ------------------------------------------------------------------

    def log_likelihood(self, z: np.ndarray) -> np.ndarray:
        """log p(x|z) of the one example at each z (M, d): float64 (M,)."""
        return self.log_joint(z) - self.log_prior(z)

    def log_joint(self, z: np.ndarray) -> np.ndarray:
        """log p(x|z) + log p(z) of the one example at each z (M, d): float64 (M,)."""
        x = tf.nest.map_structure(tf.constant, self.one)
        z = tf.constant(z, "float32")
        return call_traced(self.vae, log_joint_of_pairs, x, z).numpy()[0].astype("float64")

    def log_prior(self, z: np.ndarray) -> np.ndarray:
        """log p(z) of each z (M, d): float64 (M,)."""
        prior = self.vae.prior.distribution(self.latents)
        return prior.log_prob(tf.constant(z, "float32")).numpy().astype("float64")

    def log_q(self, z: np.ndarray) -> np.ndarray:
        """log q(z|x) of the one example at each z (M, d): float64 (M,)."""
        q = self.vae.posterior(self.one)
        return q.log_prob(tf.constant(z, "float32")).numpy().astype("float64")

    def decode(self, z: np.ndarray) -> np.ndarray:
        """The means of p(x|z) at each z, told what the one example is told."""
        return self.vae.decode(z, condition=part_of(self.one, "condition", 0))

    @cached_property
    def z(self) -> np.ndarray:
        """The hypotheses that the answers compare, (3, d): the code of the one example, which is
        the mean of its q(z|x); the code of the example whose code is farthest; the middle of the
        prior."""
        z_mean, _ = self.codes
        middle = np.asarray(self.vae.prior.distribution(self.latents).mean(), "float64")
        return np.stack([z_mean[0], z_mean[self.far], np.broadcast_to(middle, (self.latents,))])

    @cached_property
    def far(self) -> int:
        """The place in `x` of the example whose code is farthest from that of the one."""
        z_mean, _ = self.codes
        return int(np.argmax(np.sum((z_mean - z_mean[0]) ** 2, axis=1)))

    @property
    def of_z(self) -> tuple[str, str, str]:
        """What the three of `z` are, in words."""
        return "its own code", f"the code of {self.told(self.far)}", "the middle of the prior"

    # ---- other models --------------------------------------------------------------------

    @cached_property
    def companions(self) -> Companions:
        """Small models of the same architecture, trained here."""
        return Companions(self.vae, self.dataset, self.x, self.seed, self.progress)
