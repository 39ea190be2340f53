"""What is measured of a subject, each when a rule first asks for it and only once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from keras_vae import measures
from keras_vae.diagnosis.likelihoods import Gaussian

__all__ = ["CONSTANT", "NO_RATE", "Measurements", "Terms"]

# Nats: below it z tells nothing.
NO_RATE = 0.5
# Outputs that differ by less are the same.
CONSTANT = 1e-6

BATCH_SIZE = 500
# Of the noise audit: calls of `sample`, and examples in each.
CALLS, CALL_EXAMPLES = 32, 128
# Of the training code's own terms: batches, and examples in each.
REPORTED_BATCHES, REPORTED_EXAMPLES = 8, 128
# How far out the decoder is asked for the range of its outputs, in prior standard deviations.
FAR = 1000.0
# Of log p(x) by importance sampling: examples, samples each.
BOUND_EXAMPLES, BOUND_SAMPLES = 100, 200
PROBE_STEPS = 200
SALT = 4021
# Draws of z that a classifier needs to learn from.
FEWEST = 20
# Variance of an entry below which what is left of it is noise of a few examples.
RARE = 0.01


@dataclass(frozen=True)
class Terms:
    """One split, encoded, sampled once and decoded.

    Attributes:
        x: (N, *event_shape).
        z_mean, z_log_var, z: (N, d).
        distortion: float64 (N,), nats, at that z.
        latent_rates: float64 (N, d), nats.
    """

    x: np.ndarray
    z_mean: np.ndarray
    z_log_var: np.ndarray
    z: np.ndarray
    distortion: np.ndarray
    latent_rates: np.ndarray

    @property
    def rate(self):
        return self.latent_rates.sum(axis=1)

    @property
    def elbo(self):
        return -(self.distortion + self.rate)


class Measurements:
    """Measurements of a subject; None where the subject does not allow one.

    Args:
        subject: `Subject`.
        examples: how many of each split to look at, at most.
        seed: of the choice of examples and of every draw.
    """

    def __init__(self, subject, examples=2000, seed=0):
        self.subject = subject
        self.seed = seed
        self.examples = examples
        self.train = self._some(subject.train)
        self.test = None if subject.test is None else self._some(subject.test)
        self.entries = int(np.prod(self.train.shape[1:]))

    def _some(self, x):
        chosen = self._rng(1).permutation(len(x))[: self.examples]
        return np.asarray(x)[np.sort(chosen)]

    def _rng(self, purpose, draw=0):
        # Not default_rng(seed): whoever made the data may have drawn them from that.
        return np.random.default_rng((self.seed, draw, SALT, purpose))

    # ---- the model ---------------------------------------------------------------------

    @cached_property
    def likelihood(self):
        """The subject's; a Gaussian without sigma gets the one that fits its errors."""
        likelihood = self.subject.likelihood
        if getattr(likelihood, "sigma", 1) is None:
            return Gaussian(float(np.sqrt(np.mean(self._squared_errors))))
        return likelihood

    @cached_property
    def _squared_errors(self):
        z_mean, z_log_var = self._encode(self.train)
        z = self._draw(z_mean, z_log_var)
        mean = np.asarray(self._decode(z), "float64")
        return (self.train - mean) ** 2

    def _encode(self, x, encode=None):
        parts = [(encode or self.subject.encode)(batch) for batch in _batches(x)]
        return tuple(np.concatenate([np.asarray(p) for p in part]) for part in zip(*parts))  # noqa: B905

    def _decode(self, z, decode=None):
        parts = [(decode or self.subject.decode)(batch) for batch in _batches(z)]
        if isinstance(parts[0], (tuple, list)):
            return tuple(np.concatenate(part) for part in zip(*parts, strict=True))
        return np.concatenate([np.asarray(part) for part in parts])

    def _draw(self, z_mean, z_log_var, draw=0):
        noise = self._rng(2, draw).standard_normal(z_mean.shape)
        with np.errstate(over="ignore", invalid="ignore"):  # of a model that has diverged
            std = np.exp(np.asarray(z_log_var, "float64") / 2)
            return (z_mean + std * noise).astype("float32")

    def decoded_mean(self, z):
        """The means of p(x|z), (N, *event_shape)."""
        return np.concatenate(
            [self.likelihood.mean(self.subject.decode(batch)) for batch in _batches(z)]
        )

    def log_prob(self, x, z, decode=None):
        """log p(x|z) of each x with the z in its place, float64 (N,), nats."""
        own = self.subject.log_prob
        pairs = zip(_batches(x), _batches(z), strict=True)
        if own is not None and decode is None:
            return np.concatenate([np.asarray(own(x, z), "float64") for x, z in pairs])
        decode = decode or self.subject.decode
        with np.errstate(invalid="ignore", over="ignore"):  # of a model that has diverged
            return np.concatenate([self.likelihood.log_prob(x, decode(z)) for x, z in pairs])

    def terms(self, x, encode=None, decode=None, draw=0):
        """`Terms` of examples x; by the subject's own functions or others in their place."""
        z_mean, z_log_var = (np.asarray(v, "float64") for v in self._encode(x, encode))
        z = self._draw(z_mean, z_log_var, draw)
        with np.errstate(over="ignore", invalid="ignore"):
            # R_j = 1/2 (var_j + mean_j^2 - 1 - log var_j)
            rates = 0.5 * (np.exp(z_log_var) + z_mean**2 - 1 - z_log_var)
        return Terms(x, z_mean, z_log_var, z, -self.log_prob(x, z, decode), rates)

    @cached_property
    def train_terms(self):
        return self.terms(self.train)

    @cached_property
    def test_terms(self):
        return None if self.test is None else self.terms(self.test)

    @cached_property
    def held_out(self):
        """The terms of the test examples, or, without any, of the training examples."""
        return self.train_terms if self.test is None else self.test_terms

    @cached_property
    def latents(self):
        return self.train_terms.z_mean.shape[1]

    @cached_property
    def baseline(self):
        """Mean log p(x) of the training examples where z is ignored, sigma fitted anew; nats."""
        likelihood = self.likelihood
        if isinstance(getattr(likelihood, "sigma", None), (int, float)):
            spread = self.train - self.train.mean(axis=0)
            likelihood = Gaussian(float(np.sqrt(np.mean(np.square(spread, dtype="float64")))))
        return self._log_prob_without_z(likelihood)

    @cached_property
    def loss_without_z(self):
        """The same of -log p(x) with the sigma that the model has, nats."""
        return -self._log_prob_without_z(self.likelihood)

    def _log_prob_without_z(self, likelihood):
        parameters = likelihood.without_z(self.train)
        if isinstance(parameters, tuple):
            parameters = tuple(part[None] for part in parameters)
        else:
            parameters = parameters[None]
        return float(np.mean(likelihood.log_prob(self.train, parameters)))

    @cached_property
    def worth(self):
        """What training has gained on a model without z, nats: the scale of what it may lose."""
        return max(float(np.mean(self.train_terms.elbo)) - self.baseline, 1.0)

    # ---- data --------------------------------------------------------------------------

    @cached_property
    def split_shift(self):
        return measures.split_shift(self.train, self.test)

    @cached_property
    def split_bins(self):
        return measures.cluster_shares(self.train, self.test, seed=self.seed)

    @cached_property
    def duplicates(self):
        """(fraction of all test examples in the training data, fraction expected by chance)."""
        train, test = self.subject.stored or (self.subject.train, self.subject.test)
        return measures.duplicate_fraction(test, train)

    # ---- weighting ---------------------------------------------------------------------

    @cached_property
    def implied_beta(self):
        terms = self.train_terms
        return measures.implied_beta(
            terms.z_mean, terms.z_log_var, lambda z: -self.log_prob(terms.x, z), self.seed
        )

    @property
    def is_unsettled(self):
        """Whether the posteriors' widths and means answer to different weights of the rate, which
        no training on the ELBO leaves behind."""
        is_plain = self.subject.objective == "elbo" and not self.subject.free_nats
        if not is_plain or self.train_terms.rate.mean() < NO_RATE:
            return False
        return self.implied_beta.is_determined and not self.implied_beta.is_settled

    @cached_property
    def collapse_threshold(self):
        """(beta*, standard error); None where the data are constant."""
        variance = self.likelihood.variance(self.train)
        if not np.any(variance > 0):
            return None
        return measures.collapse_threshold(self.train, variance)

    @cached_property
    def reported(self):
        """`ReportedTerms` of the training code; None without `loss_fn`."""
        if self.subject.loss_fn is None or len(self.train) < 2 * REPORTED_BATCHES:
            return None
        size = min(REPORTED_EXAMPLES, len(self.train) // REPORTED_BATCHES)
        batches = [self.train[k * size : (k + 1) * size] for k in range(REPORTED_BATCHES)]
        logged = [self.subject.loss_fn(batch) for batch in batches]
        own = [
            self.terms(batch, *self._training_mode, draw=draw)
            for draw, batch in enumerate(batches, 1)
        ]
        return measures.reported_terms(
            logged,
            [terms.distortion for terms in own],
            [terms.z_mean for terms in own],
            [terms.z_log_var for terms in own],
            self._constants,
        )

    @property
    def _constants(self):
        """The part of -log p(x|z) that a squared error leaves out, nats; None if there is none."""
        sigma = getattr(self.likelihood, "sigma", None)
        if not isinstance(sigma, (int, float)):
            return None
        # -log p(x|z) = sum_i (x_i - m_i)^2 / 2 sigma^2 + n/2 log(2 pi sigma^2)
        return self.entries / 2 * float(np.log(2 * np.pi * sigma**2))

    @cached_property
    def variance_ratio(self):
        """(mean squared error / sigma^2, standard error); None but for a Gaussian with a sigma."""
        if not isinstance(getattr(self.likelihood, "sigma", None), (int, float)):
            return None
        mean = self.decoded_mean(self.train_terms.z)
        return measures.variance_ratio(self.train, mean, self.likelihood.sigma)

    @cached_property
    def effective_beta(self):
        """The weight of the rate: as the training code has it, as logged, or as declared."""
        reported = self.reported
        if reported is not None and np.isfinite(reported.beta):
            return reported.beta
        if reported is not None and reported.distortion_scale > 0:
            return self.subject.beta / reported.distortion_scale
        logged = self.subject.history.get("beta")
        return float(logged[-1]) if logged else self.subject.beta

    @cached_property
    def smallest_sigmas(self):
        """(fraction of decoded sigmas below a 256th of the range of the data, that bound); None
        unless the decoder puts out variances."""
        if getattr(self.likelihood, "sigma", None) != "decoded":
            return None
        floor = float(np.ptp(self.train)) / 256
        _, log_var = self._decode(self.train_terms.z)
        return float(np.mean(np.exp(log_var / 2) < floor)), floor

    @cached_property
    def residual_threshold(self):
        """(beta up to which one more latent pays, standard error), from what is left of x."""
        terms, name = self.held_out, self.likelihood.name
        mean = self.decoded_mean(terms.z)
        if name == "bernoulli":
            variance = np.mean(mean * (1 - mean), axis=0)
            # A pixel that is hardly ever 1 has a residual of a few examples, which says nothing.
            variance = np.where(np.var(terms.x, axis=0) > RARE, variance, 0)
        elif name == "gaussian" and self.likelihood.sigma != "decoded":
            variance = self.likelihood.sigma**2
        else:
            return None
        if not np.any(variance > 0):
            return None
        return measures.collapse_threshold(terms.x - mean, variance)

    # ---- sampling ----------------------------------------------------------------------

    @cached_property
    def noise(self):
        """`NoiseAudit` of the training code's draws of z; None without `sample`."""
        if self.subject.sample is None:
            return None
        x = self.train[:CALL_EXAMPLES]
        z = np.stack([np.asarray(self.subject.sample(x)) for _ in range(CALLS)])
        return measures.noise_audit(z, *self._encode(x))

    @cached_property
    def generated_bins(self):
        """`ClusterShares` of the model's own samples among decoded draws of the prior."""
        if self.subject.generate is None:
            return None
        z = self._rng(5).standard_normal((self.examples, self.latents))
        own = self.decoded_mean(z.astype("float32"))
        return measures.cluster_shares(
            np.asarray(self.subject.generate(self.examples)), own, seed=self.seed
        )

    @cached_property
    def training_mode_terms(self):
        """`Terms` of the training examples as the model computes in training, or None."""
        if not self._training_mode:
            return None
        return self.terms(self.train, *self._training_mode)

    @property
    def _training_mode(self):
        """(encode, decode) in training mode, or nothing."""
        return () if self.subject.log_prob is not None else self.subject.training_mode or ()

    @cached_property
    def served_drift(self):
        """Largest |exported - own| output over the largest output, or None."""
        if self.subject.served is None:
            return None
        encode, decode = self.subject.served
        x, z = self.held_out.x[:100], self.held_out.z[:100]
        own = *self._encode(x), *_as_tuple(self._decode(z))
        exported = *self._encode(x, encode), *_as_tuple(self._decode(z, decode))
        return max(_drift(a, b) for a, b in zip(own, exported, strict=True))

    # ---- latents -----------------------------------------------------------------------

    @cached_property
    def is_given_up(self):
        """Whether z tells nothing because none would pay for itself at the weight of the rate: then
        parts of the networks die of that."""
        threshold, rate = self.collapse_threshold, self.train_terms.rate.mean()
        return threshold is not None and rate < NO_RATE and self.effective_beta > threshold[0]

    @cached_property
    def range_of_outputs(self):
        """Largest difference between means of p(x|z) over z ~ N(0, 10^2). A decoder that has learnt
        to ignore z is constant where the prior lies, and not beyond."""
        z = 10 * self._rng(6).standard_normal((64, self.latents))
        return float(np.max(np.ptp(self.decoded_mean(z.astype("float32")), axis=0)))

    @cached_property
    def active(self):
        """bool (d,): the latents whose posterior mean varies over the data."""
        return measures.active_units(self.train_terms.z_mean)

    @cached_property
    def shuffle_gap(self):
        """(rise of the distortion where z is another example's, standard error), nats."""
        terms = self.held_out
        return measures.shuffle_gap(terms.z, lambda z: -self.log_prob(terms.x, z), self.seed)

    @cached_property
    def prior_auc(self):
        """`TwoSample` of the aggregated posterior against the prior."""
        z = self.held_out.z
        if len(z) < 2 * FEWEST:
            return None
        prior = self._rng(3).standard_normal(z.shape)
        return measures.two_sample(prior, z, self.seed)

    @cached_property
    def output_range(self):
        """(lowest, highest) mean of p(x|z) that the decoder gives, far out in latent space too."""
        directions = self._rng(4).standard_normal((256, self.latents))
        means = [self.decoded_mean((scale * directions).astype("float32")) for scale in (1, FAR)]
        return float(np.min(means)), float(np.max(means))

    # ---- inference ---------------------------------------------------------------------

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
            measured = Measurements(trained, self.examples, self.seed)
            self._probes[part] = measured.terms(self.held_out.x)
        return self._probes[part]

    @cached_property
    def _probes(self):
        return {}

    # ---- what to print -----------------------------------------------------------------

    @property
    def figures(self):
        """The main measurements, for the report; nats where they are terms of the ELBO."""
        beta, held_out = self.implied_beta, self.held_out
        return {
            "split": "train" if self.test is None else "test",
            "elbo": float(held_out.elbo.mean()),
            "elbo_standard_error": measures.standard_error(held_out.elbo),
            "distortion": float(held_out.distortion.mean()),
            "rate": float(held_out.rate.mean()),
            "train_elbo": float(self.train_terms.elbo.mean()),
            "baseline": self.baseline,
            "active_units": int(self.active.sum()),
            "latent": self.latents,
            "implied_beta": beta.beta if beta.is_determined else None,
            "implied_beta_standard_error": beta.standard_error if beta.is_determined else None,
            "collapse_threshold": self.collapse_threshold and self.collapse_threshold[0],
        }

    @property
    def protocol(self):
        sizes = f"{len(self.train)} training examples"
        if self.test is not None:
            sizes += f", {len(self.test)} test examples"
        return (
            f"{sizes}; one draw of z an example; beta 1 in every ELBO; a finding must clear its "
            f"threshold by 2 standard errors; seed {self.seed}"
        )


def _as_tuple(parameters):
    return parameters if isinstance(parameters, tuple) else (parameters,)


def _drift(own, exported):
    """Largest difference over the largest value; the difference itself where that is 0."""
    return float(np.max(np.abs(own - exported)) / (np.max(np.abs(own)) or 1.0))


def _batches(values):
    return [values[start : start + BATCH_SIZE] for start in range(0, len(values), BATCH_SIZE)]
