"""Small models of a model's own architecture, trained here for comparison.

One model is built, and traced once: each training begins again at its first weights, with another
weight of the rate.
"""

import time
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_vae.aliases import Logs, Tell
from keras_vae.config import Config
from keras_vae.data import Dataset, TrainingBatches, part_of, take
from keras_vae.evidence import EvidenceIdentity, evidence_identity, posterior_terms
from keras_vae.terms import elbo
from keras_vae.traced import traced
from keras_vae.training import build_vae
from keras_vae.vae import VAE

__all__ = ["COLLAPSING", "Companion", "Companions", "trained_steps"]

# A weight at which the rate costs so much that z is given up.
COLLAPSING = 1000.0
MOST_EXAMPLES = 2000
STEPS = 160  # of each training, about
FEWEST_EPOCHS = 4
BATCH_SIZE = 128
LEARNING_RATE = 2e-3
LOOKS = 3  # at log p(x) while the model is trained
LOOKED_AT = 10  # examples
SAMPLES = 10
DECODED = 36  # draws of the prior


@dataclass(frozen=True)
class Companion:
    """What a small model does with the examples of a `Material`; N of them, d latents.

    Attributes:
        beta: weight of the rate in its loss.
        distortion, rate: float64 (N,), nats.
        z_mean, z_log_var: float64 (N, d).
        drawn: float32 (N, d): one z ~ q(z|x) each.
        images: means of p(x|z) of `DECODED` draws of the prior.
        looks: (epoch, `EvidenceIdentity` of the first examples) during training; () if nobody
            looked.
    """

    beta: float
    distortion: np.ndarray
    rate: np.ndarray
    z_mean: np.ndarray
    z_log_var: np.ndarray
    drawn: np.ndarray
    images: np.ndarray
    looks: tuple[tuple[int, EvidenceIdentity], ...] = ()

    @property
    def elbo(self) -> np.ndarray:
        """-(D + R), whatever its loss was, (N,)."""
        return np.asarray(elbo(self.distortion, self.rate))


def trained_steps(examples: int) -> tuple[int, int]:
    """(batch size, epochs) that make about `STEPS` steps of so many examples."""
    batch_size = min(BATCH_SIZE, max(1, examples // 4))
    return batch_size, max(FEWEST_EPOCHS, round(STEPS / (examples // batch_size)))


class Companions:
    """Trains each companion when it is first asked for, and keeps what it does with `x`.

    Args:
        vae: `VAE` whose architecture they have; its own weights are not touched.
        dataset: `Dataset` whose training split they see, the first `MOST_EXAMPLES`.
        x: the examples that are looked at.
        seed: of weights, order and noise.
        progress: called with what is being trained, and how long it will take.

    Attributes:
        seconds: that training took so far.
        planned: how many trainings are still to come, for the time left.
    """

    def __init__(self, vae: VAE, dataset: Dataset, x: Any, seed: int, progress: Tell) -> None:
        train = dataset.train[:MOST_EXAMPLES]
        self.train = replace(dataset, train=train, stream=None)
        self.examples = len(train)
        self.batch_size, self.epochs = trained_steps(self.examples)
        self._like, self._x, self._seed, self._progress = vae, x, seed, progress
        self._vae: VAE | None = None
        self._start: list[Any] = []
        self._kept: dict[tuple[float, bool], Companion] = {}
        self.seconds, self.planned, self._done = 0.0, 1, 0

    @property
    def protocol(self) -> str:
        """How they were trained, in words."""
        return (
            f"models for comparison: same architecture, trained here for {self.epochs} epochs of "
            f"{self.examples:,} examples, {self.seconds / max(self._done, 1):.0f} s each"
        )

    def of(self, beta: float, looks: bool = False) -> Companion:
        """The companion that is trained with a weight of the rate.

        Args:
            beta: at least 0.
            looks: whether log p(x) is computed during training too, which takes longer.
        """
        if (beta, True) in self._kept:
            return self._kept[beta, True]
        if (beta, looks) not in self._kept:
            self._kept[beta, looks] = self._trained(beta, looks)
        return self._kept[beta, looks]

    def with_fixed_codes(self, z_mean: np.ndarray, z_log_var: np.ndarray) -> np.ndarray:
        """Trains a decoder alone, on z drawn from a q(z|x) that is given for each training example.

        Args:
            z_mean, z_log_var: (examples, d).

        Returns:
            float64 (examples,): the distortion of each training example, nats.
        """
        vae = self._begun()
        given = self.train.seen_in_training().given
        z_mean, z_std = (np.asarray(a, "float32") for a in (z_mean, np.exp(z_log_var / 2)))
        optimizer = keras.optimizers.Adam(LEARNING_RATE)
        weights = [*vae.decoder.trainable_variables, *vae.likelihood.trainable_variables]
        optimizer.build(weights)
        rng = np.random.default_rng(self._seed)

        def step(x: Any, z: tf.Tensor) -> None:
            with tf.GradientTape() as tape:
                distortion = -tf.reduce_mean(vae.conditional_log_prob(x, z, training=True))
            optimizer.apply(tape.gradient(distortion, weights), weights)

        step, score = traced(step), traced(vae.conditional_log_prob)
        began = time.monotonic()
        for epoch in range(self.epochs):
            order = rng.permutation(self.examples)
            for first in range(0, self.examples - self.batch_size + 1, self.batch_size):
                rows = order[first : first + self.batch_size]
                step(_tensors(take(given, rows)), _draw(rng, z_mean[rows], z_std[rows]))
            self._tell(epoch + 1, began)
        self._finished(began)
        draws = []
        for _ in range(SAMPLES):
            z = _draw(rng, z_mean, z_std)
            draws.append(-score(_tensors(given), z).numpy().astype("float64"))
        return np.asarray(np.mean(draws, axis=0))

    # ---- how ------------------------------------------------------------------------------

    def _begun(self) -> VAE:
        """The model with its first weights, built if need be."""
        if self._vae is None:
            self._vae = _untrained(self._like, self.train, self.epochs, self.batch_size, self._seed)
            self._start = [variable.numpy() for variable in self._variables(self._vae)]
            # one object for all: for another the steps would be compiled again
            self._batches = TrainingBatches(
                self.train.train.given, self.batch_size, self.train.binarization, self._seed
            )
        for variable, value in zip(self._variables(self._vae), self._start, strict=True):
            variable.assign(value)
        return self._vae

    @staticmethod
    def _variables(vae: VAE) -> list[Any]:
        return [*vae.variables, *vae.optimizer.variables]

    def _trained(self, beta: float, looks: bool) -> Companion:
        vae = self._begun()
        vae.beta = beta
        began = time.monotonic()
        look = _Looks(take(self._x, slice(LOOKED_AT)), -(-self.epochs // LOOKS))
        vae.fit(
            self._batches,
            epochs=self.epochs,
            verbose=0,
            callbacks=[_Told(lambda epoch: self._tell(epoch, began)), *([look] if looks else [])],
        )
        self._finished(began)
        z_mean, z_log_var = vae.encode(self._x)
        distortion, rate = posterior_terms(vae, self._x, SAMPLES, self._seed)
        prior = vae.prior.distribution(vae.latent_dim)
        condition = part_of(self._x, "condition", 0)
        return Companion(
            beta,
            distortion,
            rate,
            z_mean.astype("float64"),
            z_log_var.astype("float64"),
            vae.sampling(vae.posterior_parameters(self._x), seed=self._seed).numpy(),
            vae.decode(prior.sample(DECODED, seed=(self._seed, 0)).numpy(), condition=condition),
            tuple(look.found),
        )

    def _tell(self, epoch: int, began: float) -> None:
        pace = (time.monotonic() - began) / epoch
        left = pace * (self.epochs * max(self.planned, 1) - epoch)
        self._progress(
            f"training small models for comparison, {max(self.planned, 1)} to go: epoch {epoch} "
            f"of {self.epochs}, about {left:.0f} s left"
        )

    def _finished(self, began: float) -> None:
        self.seconds += time.monotonic() - began
        self.planned -= 1
        self._done += 1


def _untrained(like: VAE, dataset: Dataset, epochs: int, batch_size: int, seed: int) -> VAE:
    """A new VAE of the architecture of another, compiled: as `kvae fit` would make it, where that
    is known; else of the same parts."""
    options = (like.protocol or {}).get("options")
    if options is not None:
        config = Config.from_dict(options).replace(
            epochs=epochs, batch_size=batch_size, seed=seed, free_nats=0.0, precision="float32"
        )
        return build_vae(config, dataset)
    keras.utils.set_random_seed(seed)
    vae = VAE.from_config({**like.get_config(), "seed": seed})
    steps = len(dataset.train) // batch_size
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, epochs * steps, alpha=0.01)
    vae.compile(keras.optimizers.Adam(rate))
    return vae


class _Told(keras.callbacks.Callback):
    """Calls a function with the number of each epoch, from 1, when it has ended."""

    def __init__(self, tell: Any) -> None:
        super().__init__()
        self._tell = tell

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self._tell(epoch + 1)


class _Looks(keras.callbacks.Callback):
    """Keeps log p(x), the ELBO and their gap, example by example, every few epochs."""

    params: dict[str, Any]

    def __init__(self, x: Any, every: int) -> None:
        super().__init__()
        self._x, self._every = x, every
        self.found: list[tuple[int, EvidenceIdentity]] = []

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        epoch += 1
        if epoch % self._every == 0 or epoch in (1, self.params["epochs"]):
            self.found.append((epoch, evidence_identity(self.model, self._x)))


def _tensors(x: Any) -> Any:
    return keras.tree.map_structure(tf.constant, x)


def _draw(rng: np.random.Generator, z_mean: np.ndarray, z_std: np.ndarray) -> tf.Tensor:
    epsilon = rng.standard_normal(z_mean.shape)
    # z = z_mean + std * epsilon
    return tf.constant(z_mean + z_std * epsilon, "float32")
