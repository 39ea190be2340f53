"""A plain Keras VAE, with the usual attributes, as a subject of diagnosis."""

import re
import warnings
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from keras_vae.diagnosis.subjects.likelihoods import as_likelihood
from keras_vae.diagnosis.subjects.subject import Subject
from keras_vae.errors import ConfigError, first_line

__all__ = ["of_keras_model"]

# What outputs of an encoder, and terms that a training step logs, are called.
OUTPUT_NAMES = (r"(^|_)(mean|mu|loc)(_|$)", r"log_?var|log_?sigma")
TERM_NAMES = {
    "loss": r"^(total_)?loss$",
    "distortion": r"recon|distortion",
    "rate": r"kl|(^|_)rate(_|$)",
}
NO_TERM = r"learning_rate|weight|beta"
# Examples by which outputs are told apart, and how far out the decoder is asked for its range.
LOOK_AT, FAR = 256, 1000.0
INSTEAD = (
    "describe the model by functions of your own: kvae diagnose --adapter my_module:adapter, or "
    "keras_vae.diagnosis.diagnose(encode=..., decode=..., likelihood=..., data=...)"
)


def of_keras_model(
    model: keras.Model,
    train: np.ndarray,
    test: np.ndarray | None = None,
    likelihood: Any = None,
    **more: Any,
) -> Subject:
    """Everything that a diagnosis can ask of a Keras model that is not a `keras_vae.VAE`.

    The model has an `encoder`, x -> (z_mean, z_log_var) or (z_mean, z_log_var, z), identified by
    their names or else by this order, and a `decoder`, as attributes or as layers of these names.
    z_log_var is the natural log of the VARIANCE. Where the encoder outputs one tensor, the model's
    method `encode` gives the pair. z is drawn by the encoder (its third output), by a layer
    `model.sampling`, or by a method `model.reparameterize`. What the training code computes is what
    `train_step` logs as `loss`, `...recon...` and `kl...`; a KL that is given to `add_loss` is
    separated from the rest of the loss.

    Args:
        model: `keras.Model`, trained; compiled, if its loss is to be looked at.
        train, test: (N, *event_shape), as the model sees them.
        likelihood: as in `diagnose`; None guesses, from the range of the decoder and of the data,
            and warns which.
        **more: other attributes of `Subject`, such as `history`; they replace what is found here.

    Returns:
        `Subject`.

    Raises:
        ConfigError: if the model has no such parts.
    """
    train = np.asarray(train)
    encoder, roles = _encoder(model, train[:2])
    decoder = _part(model, "decoder")

    def outputs(x: np.ndarray, training: bool = False) -> list[Any]:
        values = _flat(_call(encoder, x, training))
        return [None if role is None else _array(values[role]) for role in roles]

    def encode(x: np.ndarray, training: bool = False) -> tuple[Any, ...]:
        return tuple(outputs(x, training)[:2])

    def decode(z: np.ndarray, training: bool = False) -> Any:
        return keras.tree.map_structure(_array, _call(decoder, z, training))

    loss_fn = _loss_fn(model)
    if likelihood is None or isinstance(likelihood, str):  # that is, of each entry by itself
        _check_shape(decode(encode(train[:2])[0]), train)
    if likelihood is None:
        likelihood = _guessed(encode, decode, loss_fn, train[:LOOK_AT])
    return Subject(
        **{
            "encode": encode,
            "decode": decode,
            "likelihood": as_likelihood(likelihood),
            "train": train,
            "test": test,
            "training_draw": _training_draw(model, outputs, encode, has_z=roles[2] is not None),
            "loss_fn": loss_fn,
            "training_mode": (lambda x: encode(x, True), lambda z: decode(z, True)),
            **more,
        }
    )


# ---- parts of the model ----------------------------------------------------------------


def _part(model: keras.Model, name: str) -> Any:
    part = getattr(model, name, None)
    if part is None:
        part = next((layer for layer in model.layers if layer.name == name), None)
    if part is None:
        raise ConfigError(
            f"{type(model).__name__} has no {name}: looked for the attributes model.encoder and "
            f"model.decoder, and for layers of these names; {INSTEAD}"
        )
    return part


def _encoder(model: keras.Model, x: np.ndarray) -> tuple[Any, list[int | None]]:
    """(the callable that gives the posteriors, positions of z_mean, z_log_var and z in its
    outputs)."""
    encoder = _part(model, "encoder")
    values = _call(encoder, x, training=False)
    if len(_flat(values)) < 2 and callable(getattr(model, "encode", None)):
        encoder = model.encode
        values = _call(encoder, x, training=False)
    if len(_flat(values)) not in (2, 3):
        raise ConfigError(
            f"model.encoder outputs {len(_flat(values))} tensor(s); expected (z_mean, z_log_var) "
            f"or (z_mean, z_log_var, z); {INSTEAD}"
        )
    names = values if isinstance(values, dict) else getattr(encoder, "output_names", ())
    return encoder, _roles(list(names), len(_flat(values)))


def _roles(names: list[str], count: int) -> list[int | None]:
    places = [
        next((place for place, name in enumerate(names) if re.search(pattern, name)), None)
        for pattern in OUTPUT_NAMES
    ]
    if None in places:
        places = [0, 1]
    rest = [place for place in range(count) if place not in places]
    return [*places, rest[0] if rest else None]


def _flat(values: Any) -> list[Any]:
    if isinstance(values, dict):
        return list(values.values())
    return list(values) if isinstance(values, (tuple, list)) else [values]


def _call(part: Any, x: Any, training: bool) -> Any:
    x = _tensor(x)
    return part(x, training=training) if isinstance(part, keras.Layer) else part(x)


def _tensor(x: Any) -> Any:
    """As `fit` hands it to the model: no float64."""
    x = np.asarray(x)
    is_float = np.issubdtype(x.dtype, np.floating)
    return keras.ops.convert_to_tensor(x, keras.config.floatx() if is_float else None)


def _array(tensor: Any) -> np.ndarray:
    return keras.ops.convert_to_numpy(tensor)


def _check_shape(decoded: Any, x: np.ndarray) -> None:
    shape = np.shape(decoded)[1:]
    if shape != x.shape[1:]:
        raise ConfigError(
            f"model.decoder outputs {shape} for an example, but the data are {x.shape[1:]}: "
            "reshape the data to what the model takes or, if it outputs more than a mean, "
            f"{INSTEAD}"
        )


# ---- the likelihood --------------------------------------------------------------------


def _guessed(
    encode: Callable[..., Any],
    decode: Callable[..., Any],
    loss_fn: Callable[..., Any] | None,
    x: np.ndarray,
) -> str:
    """The name of the likelihood that range, and logged reconstruction term, speak for."""
    z = encode(x)[0]
    far = FAR * np.random.default_rng(0).standard_normal(z.shape).astype("float32")
    means = np.concatenate([decode(z), decode(far)])
    is_unit = x.min() >= 0 and x.max() <= 1
    is_binary = bool(np.isin(x, (0, 1)).all())
    spans = f"the decoder's outputs lie in [{means.min():.3g}, {means.max():.3g}]"
    if is_unit and means.min() >= 0 and means.max() <= 1:
        name, why = "bernoulli_probabilities", f"{spans}, as the data do"
        if not is_binary and _logs_squared_errors(loss_fn, x, decode(z)):
            name, why = "gaussian", "the reconstruction term is a squared error"
    elif is_binary:
        name, why = "bernoulli_logits", f"the data are 0 and 1, and {spans}"
    else:
        name, why = "gaussian", f"{spans}, and the data are not 0 and 1"
    warnings.warn(
        f"likelihood=None: taken to be {name!r}, because {why}; give likelihood=... if it is not",
        stacklevel=3,
    )
    return name


def _logs_squared_errors(
    loss_fn: Callable[..., Any] | None, x: np.ndarray, mean: np.ndarray
) -> bool:
    """Whether the logged term is nearer to squared errors, in any scaling, than to a binary
    cross-entropy, which is more than twice as large."""
    logged = {} if loss_fn is None else loss_fn(x)
    if "distortion" not in logged:
        return False
    p = np.clip(mean, 1e-7, 1 - 1e-7).astype("float64")
    squares = np.mean((x - p) ** 2)
    cross_entropy = -np.mean(x * np.log(p) + (1 - x) * np.log1p(-p))
    n = np.prod(x.shape[1:])
    known = {False: [cross_entropy, n * cross_entropy]}
    known[True] = [scale * squares for scale in (0.5, 1, n / 2, n)]
    distances = {
        is_squared: min(abs(np.log(logged["distortion"] / value)) for value in values)
        for is_squared, values in known.items()
    }
    return distances[True] < distances[False]


# ---- the training code -----------------------------------------------------------------


def _training_draw(
    model: keras.Model, outputs: Callable[..., Any], encode: Callable[..., Any], has_z: bool
) -> Callable[[np.ndarray], np.ndarray] | None:
    """x -> z by the training code, or None."""
    sampling = getattr(model, "sampling", None)
    reparameterize = getattr(model, "reparameterize", None)

    def of_encoder(x: np.ndarray) -> np.ndarray:
        z_mean, z_log_var, z = (np.float64(part) for part in outputs(x, training=True))
        # The noise of a training call on the posterior of evaluation: dropout is not noise of z.
        epsilon = (z - z_mean) / np.exp(z_log_var / 2)
        z_mean, z_log_var = encode(x)
        return z_mean + np.exp(z_log_var / 2) * epsilon

    if has_z:
        return of_encoder
    if callable(sampling):
        return lambda x: _array(sampling([_tensor(part) for part in encode(x)]))
    if callable(reparameterize):
        return lambda x: _array(reparameterize(*map(_tensor, encode(x))))
    return None


def _loss_fn(model: keras.Model) -> Callable[[np.ndarray], dict[str, float]] | None:
    """x -> the terms that a training step logs, or None for a model that is not compiled."""
    if getattr(model, "optimizer", None) is None:
        return None
    has_targets = getattr(model, "loss", None) is not None

    def loss_fn(x: np.ndarray) -> dict[str, float]:
        x = _tensor(x)
        logs = _without_a_trace(model, (x, x) if has_targets else x)
        terms = {}
        for term, pattern in TERM_NAMES.items():
            names = [n for n in logs if re.search(pattern, n.lower()) and not re.search(NO_TERM, n)]
            if names:
                terms[term] = float(logs[names[0]])
        is_regularized = any(v.regularizer is not None for v in model.trainable_variables)
        if set(terms) == {"loss"} and model.losses and not is_regularized:
            terms["rate"] = float(sum(model.losses))
            terms["distortion"] = terms["loss"] - terms["rate"]
        return terms

    return loss_fn


def _without_a_trace(model: keras.Model, batch: Any) -> dict[str, Any]:
    """What a training step logs for a batch; weights, optimizer and metrics stay as they were."""
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    state = [*model.weights, *model.optimizer.variables, *model.metrics_variables]
    before = [np.array(variable) for variable in state]
    model.reset_metrics()  # they are means over all batches since the last reset
    try:
        return model.train_step(batch)
    except Exception as error:
        raise ConfigError(
            f"train_step failed on a batch of the data: {first_line(error)}; give loss_fn=None to "
            f"go on without the training code, or a loss_fn of your own"
        ) from error
    finally:
        for variable, value in zip(state, before, strict=True):
            variable.assign(value)
