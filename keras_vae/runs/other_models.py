"""What is wrong with a model that no run left: a `.keras` file, or any with an adapter."""

import importlib
import inspect
from dataclasses import fields
from pathlib import Path

import keras

from keras_vae.data import load_data
from keras_vae.diagnosis import Subject, diagnose, examine, of_keras_model, of_vae
from keras_vae.errors import ConfigError, RunError, first_line
from keras_vae.vae import VAE

__all__ = ["diagnose_adapted", "diagnose_keras_file"]

NEEDED = ("encode", "decode", "likelihood", "data")
TAKEN = {*NEEDED, "test_data", *(field.name for field in fields(Subject))} - {"train", "test"}


def diagnose_keras_file(
    path, data, likelihood, examples=2000, seed=0, cheap=False, progress=lambda what: None
):
    """Says what is wrong with the VAE in a `.keras` file.

    Args:
        path: of the file.
        data: name or path of its data, as it was trained on them.
        likelihood: a name that `keras_vae.diagnose` knows; a `keras_vae.VAE` has its own.
        examples, seed, cheap, progress: as for `keras_vae.diagnose`.

    Returns:
        `Diagnosis`.

    Raises:
        DataError: if the data cannot be read.
        RunError: if Keras cannot load the file.
    """
    _check_exists(path)
    progress("data")
    dataset = load_data(data)
    try:
        model = keras.saving.load_model(path)
    except Exception as error:  # Keras raises whatever the classes of a model raise
        raise RunError(
            f"{path}: Keras cannot load it ({first_line(error)}); a model with classes of its own "
            f"needs --adapter module:function, which can build it"
        ) from error
    splits = dataset.train.x, dataset.test.x
    if isinstance(model, VAE):
        subject = of_vae(model, *splits)
    else:
        subject = of_keras_model(model, *splits, likelihood)
    return examine(subject, examples, seed, cheap, progress)


def diagnose_adapted(
    path,
    adapter,
    examples=2000,
    seed=0,
    cheap=False,
    progress=lambda what: None,
    warn=lambda line: None,
):
    """Says what is wrong with a model that a function of the user's makes known.

    Args:
        path: of the model, whatever it is.
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
    _check_exists(path)
    progress("adapter")
    return diagnose(
        **_checked(adapter, function(_model_or_path(path, warn))),
        examples=examples,
        seed=seed,
        cheap=cheap,
        progress=progress,
    )


def _adapter(adapter):
    module_name, _, function_name = adapter.partition(":")
    if not all(part.isidentifier() for part in [*module_name.split("."), function_name]):
        raise ConfigError(f"--adapter {adapter!r}: expected module:function, such as my_vae:adapt")
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


def _check_exists(path):
    if not Path(path).exists():
        raise RunError(f"{path}: no such file or folder")


def _model_or_path(path, warn):
    if Path(path).suffix != ".keras":
        return path
    try:
        return keras.saving.load_model(path)
    except Exception as error:  # Keras raises whatever the classes of a model raise
        warn(f"{path}: Keras cannot load it ({first_line(error)}), so the adapter gets the path")
        return path


def _checked(adapter, values):
    """What an adapter returned, if it is what `keras_vae.diagnose` takes."""
    needed = ", ".join(NEEDED)
    if not isinstance(values, dict):
        raise ConfigError(
            f"--adapter {adapter} returned {type(values).__name__}; expected a dictionary of the "
            f"arguments of keras_vae.diagnose: {needed}, and whatever else there is"
        )
    missing = [name for name in NEEDED if name not in values]
    unknown = sorted(set(values) - TAKEN)
    if missing:
        raise ConfigError(f"--adapter {adapter} returned no {missing[0]!r}; needed: {needed}")
    if unknown:
        raise ConfigError(
            f"--adapter {adapter} returned {unknown[0]!r}, which keras_vae.diagnose does not take; "
            f"it takes {', '.join(sorted(TAKEN))}"
        )
    return values
