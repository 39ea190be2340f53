"""What is wrong with a model that is not a run: a `.keras` file, or any model with an adapter."""

import importlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import keras

from keras_vae.aliases import PathLike, Tell
from keras_vae.config import Config
from keras_vae.data import Dataset, conditions_of, is_binary, with_conditions
from keras_vae.diagnosis import Diagnosis, Subject, diagnose, examine, of_dataset, of_keras_model
from keras_vae.diagnosis.subjects.likelihoods import as_likelihood
from keras_vae.diagnosis.subjects.subject import RENAMED
from keras_vae.distributions import LIKELIHOODS
from keras_vae.errors import ConfigError, RunError, first_line
from keras_vae.evidence import dataset_for
from keras_vae.files.names import adapter_names
from keras_vae.files.paths import check_exists
from keras_vae.runs.sources import load_like
from keras_vae.vae import VAE

__all__ = ["diagnose_adapted", "diagnose_keras_file"]

NEEDED = ("encode", "decode", "likelihood", "data")
TAKEN = {*NEEDED, "test_data", *(field.name for field in fields(Subject))} - {"train", "test"}


def diagnose_keras_file(
    path: PathLike,
    data: Any,
    likelihood: str | None = None,
    examples: int = 2000,
    seed: int = 0,
    cheap: bool = False,
    progress: Tell = lambda what: None,
    binarization: str | None = None,
    reading: Mapping[str, Any] | None = None,
) -> Diagnosis:
    """Says what is wrong with the VAE in a `.keras` file.

    Args:
        path: of the file.
        data: name or path of its data, as it was trained on them.
        likelihood: a name that `keras_vae.diagnose` knows; a `keras_vae.VAE` has its own, of the
            logits that its decoder outputs.
        examples, seed, cheap, progress: as for `keras_vae.diagnose`.
        binarization: how training made the data binary: `"dynamic"`, `"static"`, `"threshold"` or
            `"none"`; None: as stored in a `keras_vae.VAE` that `keras_vae.fit` trained, and for
            other models not at all.
        reading: how the data are read, as `Config.reading`; what it leaves open is as a
            `keras_vae.VAE` that `keras_vae.fit` trained says itself.

    Returns:
        `Diagnosis`.

    Raises:
        ConfigError: if the likelihood is missing or is not that of the model; if it is left open
            whether gray levels were made binary.
        DataError: if the data cannot be read, or do not fit.
        RunError: if Keras cannot load the file.
    """
    check_exists(path)
    if likelihood is not None:
        as_likelihood(likelihood)  # before anything is loaded
    progress("model")
    try:
        model = keras.saving.load_model(path)
    except Exception as error:  # Keras raises whatever the classes of a model raise
        raise RunError(
            f"{path}: Keras cannot load it ({first_line(error)}); a model with classes of its own "
            f"needs --adapter module:function, which can build it"
        ) from error
    progress("data")
    own: dict[str, Any] = (model.protocol or {}) if isinstance(model, VAE) else {}
    options = own.get("options", {})
    dataset = load_like(data, own.get("reading", {}), reading)
    if options.get("condition") or options.get("library"):
        dataset = with_conditions(dataset, conditions_of(dataset, Config.from_dict(options)))
    if isinstance(model, VAE):
        _check_likelihood(path, model, likelihood)
        if binarization is None and model.protocol is None:
            _check_binary(path, model, dataset)
        subject = of_dataset(model, dataset_for(model, dataset, binarization), options=options)
    else:
        if likelihood is None:
            raise ConfigError(f"{path} does not say which p(x|z) it models: give --likelihood")
        dataset = dataset.as_binarized(binarization or "none")
        subject = of_keras_model(model, dataset.given("train"), dataset.given("test"), likelihood)
    diagnosis = examine(subject, examples, seed, cheap, progress)
    declared = {"beta": options["beta"]} if options else {}
    return replace(diagnosis, figures={**diagnosis.figures, **declared})


def _check_likelihood(path: PathLike, vae: VAE, likelihood: str | None) -> None:
    """Refuses a likelihood that is not the one in the file."""
    if likelihood is None:
        return
    if type(vae.likelihood) is not LIKELIHOODS.get(likelihood.removesuffix("_logits")):
        own = type(vae.likelihood).__name__
        raise ConfigError(
            f"{path}: --likelihood {likelihood}, but the model's own is {own}; leave it out"
        )


def _check_binary(path: PathLike, vae: VAE, dataset: Dataset) -> None:
    """Asks how gray levels were made binary, which a model that `fit` of Keras trained forgot."""
    x = dataset.train.x
    is_gray = x.min() >= 0 and x.max() <= 1 and not is_binary(x)
    if type(vae.likelihood) is LIKELIHOODS["bernoulli"] and is_gray:
        raise ConfigError(
            f"{path} does not say how its training made the gray levels of {dataset.name} binary: "
            f"give --binarize static, dynamic or threshold, or none if it was trained on gray"
        )


def diagnose_adapted(
    path: PathLike,
    adapter: str,
    examples: int = 2000,
    seed: int = 0,
    cheap: bool = False,
    progress: Tell = lambda what: None,
    warn: Tell = lambda line: None,
) -> Diagnosis:
    """Says what is wrong with a model that a user's function describes.

    Args:
        path: of the model, of any kind.
        adapter: `"module:function"`, of a module that can be imported. The function gets the
            Keras model in `path`, or `path` itself if Keras cannot load it, and returns the keyword
            arguments of `keras_vae.diagnose` as a dictionary.
        examples, seed, cheap, progress: as for `keras_vae.diagnose`.
        warn: called with a line that says why Keras cannot load a `.keras` file.

    Returns:
        `Diagnosis`.

    Raises:
        ConfigError: if there is no such function, or it returns something else.
        RunError: if there is nothing at `path`.
    """
    function = _adapter(adapter)  # first: its module may register the model's classes
    check_exists(path)
    progress("adapter")
    return diagnose(
        **_checked(adapter, function(_model_or_path(path, warn))),
        examples=examples,
        seed=seed,
        cheap=cheap,
        progress=progress,
    )


def _adapter(adapter: str) -> Callable[[Any], Any]:
    module_name, function_name = adapter_names(adapter)
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if not f"{module_name}.".startswith(f"{error.name}."):
            raise  # something that the module itself imports
        raise ConfigError(
            f"--adapter {adapter}: no module {module_name} in this directory, or installed"
        ) from error
    function = getattr(module, function_name, None)
    if not callable(function):
        found = [name for name, value in vars(module).items() if inspect.isfunction(value)]
        raise ConfigError(
            f"--adapter {adapter}: {module_name} has no function {function_name}; it has "
            f"{', '.join(found) or 'none'}"
        )
    return function


def _model_or_path(path: PathLike, warn: Tell) -> Any:
    if Path(path).suffix != ".keras":
        return path
    try:
        return keras.saving.load_model(path)
    except Exception as error:  # Keras raises whatever the classes of a model raise
        warn(f"{path}: Keras cannot load it ({first_line(error)}), so the adapter gets the path")
        return path


def _checked(adapter: str, values: object) -> dict[str, Any]:
    """What an adapter returned, if it is what `keras_vae.diagnose` takes."""
    needed = ", ".join(NEEDED)
    if not isinstance(values, dict):
        raise ConfigError(
            f"--adapter {adapter} returned {type(values).__name__}; expected a dictionary of the "
            f"arguments of keras_vae.diagnose: {needed}, and others if there are any"
        )
    missing = [name for name in NEEDED if name not in values]
    unknown = sorted(set(values) - TAKEN - set(RENAMED))
    if missing:
        raise ConfigError(f"--adapter {adapter} returned no {missing[0]!r}; needed: {needed}")
    if unknown:
        raise ConfigError(
            f"--adapter {adapter} returned {unknown[0]!r}, which keras_vae.diagnose does not take; "
            f"it takes {', '.join(sorted(TAKEN))}"
        )
    return values
