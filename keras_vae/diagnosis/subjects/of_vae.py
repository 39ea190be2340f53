"""A `keras_vae.VAE` as a subject of diagnosis."""

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_vae.data import Dataset, as_array
from keras_vae.data.given import array_of, count, take
from keras_vae.diagnosis.subjects.of_likelihood import OfLikelihood
from keras_vae.diagnosis.subjects.subject import Subject
from keras_vae.distributions import StandardNormal
from keras_vae.errors import DoesNotApply, first_line
from keras_vae.evaluation import log_evidence_without_z
from keras_vae.evidence import dataset_for, examples_for, importance_weighted_bound
from keras_vae.inputs import fitted, is_inside
from keras_vae.preconditions import needs_standard_normal, reason_against
from keras_vae.vae import VAE, in_batches

__all__ = ["entries_and_classes", "left_as_it_was", "of_dataset", "of_vae"]

PROBE_BATCH, PROBE_LEARNING_RATE = 128, 1e-3
ENCODE_BATCH = 500


def of_vae(vae: VAE, train: Any, test: Any = None, **more: Any) -> Subject:
    """Everything about a VAE that a diagnosis can ask for.

    Args:
        vae: `VAE`, built.
        train, test: (N, *event_shape), as the likelihood sees them (binarised if need be), or
            dictionaries of them with mask and condition.
        **more: other attributes of `Subject`, such as `history`.

    Returns:
        `Subject`.

    """

    train, test = (x if x is None else _shaped(vae, x) for x in (train, test))
    noise = keras.random.SeedGenerator(0)
    is_described = all(_is_described(vae, x) for x in (train, test) if x is not None)

    trained: dict[str, tuple[VAE, int]] = {}  # part -> a copy, and the steps that it has made

    def probe(part: str, steps: int) -> Subject:
        """Of a copy that goes on from where an earlier probe of the part has left it."""
        copy, done = trained.get(part, (None, 0))
        if copy is None or done > steps:
            copy, done = _copy_to_train(vae, part), 0
        _train(copy, train, done, steps)
        trained[part] = copy, steps
        return of_vae(copy, train, test)

    def draw(x: Any, seed: int) -> tuple[np.ndarray, np.ndarray]:
        terms = vae.terms(x, seed=seed)
        return terms.z[0].numpy(), terms.rate.numpy()

    def generate(count: int) -> np.ndarray:
        if vae.condition_shape is None:
            return vae.generate(count)
        conditions = train["condition"]
        # from all over the data, whose order may be that of their conditions
        rows = (np.arange(count) * max(1, len(conditions) / count)).astype(int) % len(conditions)
        return vae.generate(count, condition=conditions[rows])

    def bound(x: Any, k: int) -> np.ndarray:
        return importance_weighted_bound(vae, x, (k,)).bounds[-1]

    return Subject(
        **{
            "encode": lambda x: _encode(vae, x),
            "decode": lambda z, condition=None: _numpy(vae.decoder_outputs(z, condition)),
            "likelihood": OfLikelihood(vae.likelihood),
            "train": train,
            "test": test,
            "training_draw": lambda x: _training_draw(vae, x),
            "loss_fn": lambda x: _logged(vae, x, noise),
            "generate": generate,
            "bound": bound if is_described else None,
            "training_mode": (
                lambda x: _in_training_mode(vae, functools.partial(_moments, vae), x),
                lambda z, condition=None: _in_training_mode(vae, vae.decoder_outputs, z, condition),
            ),
            "probe": probe if is_described else None,
            "free_nats": vae.free_nats,
            "draw": draw if reason_against(needs_standard_normal, vae) else None,
            "prior": None if isinstance(vae.prior, StandardNormal) else _prior(vae),
            "objective": vae.objective.kind,
            "without_z": None if "likelihood" in more else _without_z(vae, train),
            **more,
            "history": _without_penalty(more.get("history", {})),
        }
    )


def _numpy(outputs: Any) -> Any:
    """Arrays that look at the tensors' own values, where `numpy()` would copy them."""
    return tf.nest.map_structure(np.asarray, outputs)


def _prior(vae: VAE) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """(draw, log_prob) of p(z), as `Subject` has them."""

    def draw(count: int, seed: int) -> np.ndarray:
        return vae.prior.distribution(vae.latent_dim).sample(count, seed=(seed, 0)).numpy()

    def log_prob(z: np.ndarray) -> np.ndarray:
        return vae.prior.distribution(vae.latent_dim).log_prob(tf.constant(z, "float32")).numpy()

    return draw, log_prob


def _without_z(vae: VAE, fitted_to: Any) -> Callable[[Any], np.ndarray]:
    """x -> log p(x) without z, the likelihood fitted to training examples."""

    def without_z(x: Any) -> np.ndarray:
        with np.errstate(invalid="ignore"):  # NaN for values that the likelihood cannot describe
            return log_evidence_without_z(vae.likelihood, fitted_to, x)

    return without_z


def _without_penalty(history: dict[str, Any]) -> dict[str, Any]:
    """What was logged, the losses without what layers added: distortion + beta * rate alone."""
    history = dict(history)
    for prefix in ("", "val_"):
        penalty = history.pop(prefix + "penalty", None)
        if penalty is not None:
            loss = np.asarray(history[prefix + "loss"], "float64")
            history[prefix + "loss"] = list(loss - np.asarray(penalty, "float64"))
    return history


def of_dataset(vae: VAE, dataset: Dataset, **more: Any) -> Subject:
    """`of_vae` of a `Dataset`'s training and test split; of one that is not split, of training
    examples alone.

    Args:
        vae: `VAE`, built.
        dataset: `Dataset`; where it has no binarisation, that of the VAE's training is applied.
        **more: as for `of_vae`.

    Raises:
        DataError: if the data are not gray levels, but a binarisation reads them as such.
    """
    dataset = dataset_for(vae, dataset)
    stored = (dataset.train.x, dataset.test.x) if dataset.is_split else None
    return of_vae(
        vae,
        dataset.seen_in_training().given,
        dataset.given("test") if dataset.is_split else None,
        **{
            "stored": stored if dataset.train.mask is None else None,
            "reading": (dataset.protocol("test" if dataset.is_split else "all"),),
            **entries_and_classes(dataset),
            # the baseline of `kvae fit` and `kvae evaluate`
            "without_z": _without_z(vae, dataset.to_fit(vae.likelihood.is_binary).given),
            **more,
        },
    )


def entries_and_classes(dataset: Dataset) -> dict[str, Any]:
    """What a `Subject` has of a `Dataset` besides the examples: the columns of a table, what the
    entries of a condition are, and the labels of the training examples."""
    if dataset.stream is not None:  # of which `train` is a sample: what is rare there need not be
        return {}
    return {
        "columns": () if dataset.schema is None else dataset.schema.modelled,
        "conditions": dataset.conditions,
        "labels": dataset.train.labels,
    }


@contextlib.contextmanager
def left_as_it_was(model: keras.Model) -> Iterator[None]:
    """Puts back what calling a model in training mode changes: moving averages, states of noise."""
    before = [variable.numpy() for variable in model.non_trainable_variables]
    try:
        yield
    finally:
        for variable, value in zip(model.non_trainable_variables, before, strict=True):
            variable.assign(value)


def _shaped(vae: VAE, x: Any) -> Any:
    """float32 (N, *event_shape), of any values: what is wrong with them a diagnosis finds. Of a
    dictionary, whose gaps are known, all that a model takes."""
    if isinstance(x, dict):
        return examples_for(vae, x)
    return np.asarray(fitted(as_array(x), vae.event_shape), "float32")


def _is_described(vae: VAE, x: Any) -> bool:
    """Whether p(x|z) describes all values: on others nothing is trained, and no bound is known."""
    return bool(is_inside(tf.constant(array_of(x)), vae.likelihood))


def _encode(vae: VAE, x: Any) -> tuple[np.ndarray, ...]:
    """As `VAE.encode`, of any values."""
    # not as a graph: fused with what is before it, a ReLU makes 0 of NaN there
    parts = [_moments(vae, batch) for batch in in_batches(x, ENCODE_BATCH)]
    return tuple(np.concatenate(part) for part in zip(*parts, strict=True))


def _moments(vae: VAE, x: Any, training: bool = False) -> Any:
    """(z_mean, z_log_var) of one batch, whatever the family of q(z|x)."""
    return vae.posterior_family.moments(vae.posterior_parameters(x, training))


def _training_draw(vae: VAE, x: Any) -> np.ndarray:
    return vae.sampling(vae.posterior_parameters(x)).numpy()


def _in_training_mode(vae: VAE, function: Callable[..., Any], *values: Any) -> Any:
    with left_as_it_was(vae):
        outputs = function(*values, training=True)
    return _numpy(outputs)


def _logged(vae: VAE, x: Any, noise: keras.random.SeedGenerator) -> dict[str, np.ndarray]:
    """What a training step computes for a batch, a value for each example."""
    with left_as_it_was(vae):
        _, values = vae.minimized(
            tf.nest.map_structure(tf.convert_to_tensor, x), training=True, seed=noise
        )
    terms = {**values, "loss": values["loss"] - values["penalty"]}
    return {name: terms[name].numpy() for name in ("loss", "distortion", "rate")}


def _copy_to_train(vae: VAE, part: str) -> VAE:
    """A copy of the VAE, to train a part of it with the ELBO as objective."""
    config = {**vae.get_config(), "beta": 1.0, "seed": 0}
    del config["objective"]  # the ELBO in its place
    try:
        copy = VAE.from_config(config)
    except Exception as error:  # Keras raises whatever the classes of a model raise
        raise DoesNotApply(
            f"does not apply: it trains a copy of the model on, which cannot be made "
            f"({first_line(error)})"
        ) from error
    copy.set_weights(vae.get_weights())
    copy.encoder.trainable = part in ("encoder", "both")
    copy.decoder.trainable = part in ("decoder", "both")
    copy.likelihood.trainable = copy.decoder.trainable and vae.likelihood.trainable
    copy.compile(keras.optimizers.Adam(PROBE_LEARNING_RATE), jit_compile=False)
    return copy


def _train(copy: VAE, x: Any, done: int, steps: int) -> None:
    """Makes the steps from `done` to `steps`: those that come first are the same for any number."""
    size = min(PROBE_BATCH, count(x))
    rows = np.random.default_rng(0).integers(0, count(x), steps * size)[done * size :]
    if len(rows):
        copy.fit(take(x, rows), batch_size=size, epochs=1, shuffle=False, verbose=0)
