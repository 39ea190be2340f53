"""A trained model as NumPy arrays: what any loop leaves behind, and what `diagnose` is given."""

import json
from dataclasses import asdict, dataclass, fields

import numpy as np
from scipy.special import expit

__all__ = ["Recipe", "Stored", "arguments", "load", "save", "stored"]

LOG_2_PI = np.log(2 * np.pi)


@dataclass(frozen=True)
class Recipe:
    """How a loop trains a model, and the mistakes in it.

    Attributes:
        likelihood: "bernoulli" or "gaussian".
        end: of the decoder: "linear" (of a Bernoulli: logits), "sigmoid", "relu" or "tanh".
        from_logits: a Bernoulli takes what the decoder puts out for logits.
        sigma: of a Gaussian; None is learnt, from `first_sigma` on; "none" is a plain squared
            error.
        is_mean: the reconstruction term is a mean over the entries.
        rate_scale: the term that is called KL is that many times the KL.
        beta: the weight of that term in the loss.
        log_var_power: z = mean + exp(power * log variance) * epsilon.
        is_frozen: the encoder is not trained.
        has_constants: a Gaussian's log(sigma) + log(2 pi) / 2 stand in the reconstruction term.
        shift, scale: the encoder sees (x - shift) / scale.
        is_output_scaled: the decoder puts out shift + scale * what its last layer does.
        optimizer: "adam", "one-cycle", "rmsprop" or "sgd".
        encoder_hidden, decoder_hidden, latent, epochs, learning_rate, seed.
    """

    likelihood: str
    encoder_hidden: tuple
    decoder_hidden: tuple
    latent: int
    epochs: int
    seed: int
    learning_rate: float = 1e-3
    optimizer: str = "adam"
    end: str = "linear"
    from_logits: bool = True
    sigma: float | str | None = None
    first_sigma: float = 1.0
    is_mean: bool = False
    rate_scale: float = 1.0
    beta: float = 1.0
    log_var_power: float = 0.5
    is_frozen: bool = False
    has_constants: bool = True
    shift: float = 0.0
    scale: float = 1.0
    is_output_scaled: bool = False


@dataclass(frozen=True)
class Stored:
    """What is kept of a model.

    Attributes:
        recipe: `Recipe`.
        encoder, decoder: [kernel, bias, kernel, bias, ...] of data as they are; the encoder's last
            layer puts out mean and log variance side by side.
        log_sigma: learnt, or where it began.
        losses: of each epoch.
    """

    recipe: Recipe
    encoder: list
    decoder: list
    log_sigma: float
    losses: list


def stored(recipe, encoder, decoder, log_sigma, losses):
    """`Stored` of a loop's layers, with shift and scale taken into the first and the last one."""
    kernel, bias = encoder[:2]
    kernel = kernel / recipe.scale
    encoder = [kernel, bias - recipe.shift * kernel.sum(axis=0), *encoder[2:]]
    if recipe.is_output_scaled:
        *rest, kernel, bias = decoder
        decoder = [*rest, recipe.scale * kernel, recipe.shift + recipe.scale * bias]
    return Stored(recipe, encoder, decoder, float(log_sigma), list(map(float, losses)))


def save(path, model):
    path.parent.mkdir(parents=True, exist_ok=True)
    about = {name: getattr(model, name) for name in ("losses", "log_sigma")}
    about["recipe"] = asdict(model.recipe)
    arrays = {f"{part}_{place:02}": np.asarray(array, "float32")
              for part in ("encoder", "decoder")
              for place, array in enumerate(getattr(model, part))}  # fmt: skip
    unfinished = path.with_suffix(".part.npz")
    np.savez(unfinished, about=json.dumps(about), **arrays)
    unfinished.replace(path)


def load(path):
    with np.load(path) as arrays:
        about = json.loads(str(arrays["about"]))
        parts = [[arrays[name] for name in sorted(arrays.files) if name.startswith(part)]
                 for part in ("encoder", "decoder")]  # fmt: skip
    lists = {field.name for field in fields(Recipe) if field.type is tuple}
    recipe = {name: tuple(v) if name in lists else v for name, v in about["recipe"].items()}
    return Stored(Recipe(**recipe), *parts, about["log_sigma"], about["losses"])


ENDS = {
    "linear": lambda a: a,
    "sigmoid": expit,
    "relu": lambda a: np.maximum(a, 0),
    "tanh": np.tanh,
}


def _forward(layers, h):
    for place in range(0, len(layers), 2):
        h = h @ layers[place] + layers[place + 1]
        if place + 2 < len(layers):
            h = np.maximum(h, 0)
    return h


def arguments(model, train, test, has_history):
    """The keyword arguments of `keras_vae.diagnosis.diagnose` that its documentation asks for."""
    from keras_vae.diagnosis import Gaussian

    recipe, shape = model.recipe, train.shape[1:]
    rng = np.random.default_rng(1000 + recipe.seed)

    def encode(x):
        x = np.asarray(x, "float32").reshape(len(x), -1)
        return tuple(np.split(_forward(model.encoder, x), 2, axis=1))

    def decode(z):
        out = ENDS[recipe.end](_forward(model.decoder, np.asarray(z, "float32")))
        return out.reshape(-1, *shape)

    def training_draw(x):
        z_mean, z_log_var = encode(x)
        noise = rng.standard_normal(z_mean.shape, "float32")
        with np.errstate(over="ignore"):
            return z_mean + np.exp(recipe.log_var_power * z_log_var) * noise

    def loss_fn(x):
        z_mean, z_log_var = encode(x)
        with np.errstate(all="ignore"):
            terms = _distortion(recipe, model.log_sigma, np.float64(x), decode(training_draw(x)))
            kl = -0.5 * np.sum(1 + z_log_var - z_mean**2 - np.exp(z_log_var), axis=1)
        distortion, rate = float(np.mean(terms)), float(recipe.rate_scale * np.mean(kl))
        return {"loss": distortion + recipe.beta * rate, "distortion": distortion, "rate": rate}

    likelihood = f"bernoulli_{'logits' if recipe.from_logits else 'probabilities'}"
    if recipe.likelihood == "gaussian":
        sigma = np.exp(model.log_sigma) if recipe.sigma is None else recipe.sigma
        likelihood = "gaussian" if sigma == "none" else Gaussian(sigma=float(sigma))
    history = {"history": {"loss": model.losses}} if has_history else {}
    return {"encode": encode, "decode": decode, "likelihood": likelihood, "data": train,
            "test_data": test, "training_draw": training_draw, "loss_fn": loss_fn,
            **history}  # fmt: skip


def _distortion(recipe, log_sigma, x, out):
    """The reconstruction term as the loop has it, a value an example."""
    x, out = x.reshape(len(x), -1), out.reshape(len(x), -1)
    if recipe.likelihood == "gaussian" and recipe.sigma == "none":
        terms = (x - out) ** 2
    elif recipe.likelihood == "gaussian":
        log_sigma = log_sigma if recipe.sigma is None else np.log(recipe.sigma)
        constants = recipe.has_constants * (log_sigma + 0.5 * LOG_2_PI)
        terms = 0.5 * ((x - out) / np.exp(log_sigma)) ** 2 + constants
    elif recipe.from_logits:
        terms = np.logaddexp(0, out) - x * out
    else:
        p = np.clip(out, 1e-7, 1 - 1e-7)
        terms = -(x * np.log(p) + (1 - x) * np.log1p(-p))
    return terms.mean(axis=1) if recipe.is_mean else terms.sum(axis=1)
