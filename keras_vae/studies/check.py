"""What is wrong with the configurations of a sweep, said before the first of them is trained."""

from typing import Any

import keras
import tensorflow as tf

from keras_vae.config import Config
from keras_vae.data import (
    Dataset,
    audit_dataset,
    conditions_of,
    decided,
    defaults_taken,
    with_conditions,
)
from keras_vae.errors import ConfigError, KerasVAEError
from keras_vae.runs.sources import load
from keras_vae.studies.plan import Plan
from keras_vae.studies.protocol import Protocol, protocol_of, refuse_different
from keras_vae.studies.words import options_text
from keras_vae.training import build_vae, likelihood_of

__all__ = ["check"]


def check(plan: Plan) -> dict[str, Any]:
    """Loads the data, and builds a model of each configuration.

    Args:
        plan: `Plan`.

    Returns:
        Ready for JSON: `sha256` of the test examples, `warnings` as of `kvae fit`, each once, and
        the number of `gpus`.

    Raises:
        ConfigError, DataError: as `fit`, with the configuration.
        RunError: if the test figures of two configurations would not compare.
    """
    loaded: dict[str, Dataset] = {}
    protocols: dict[str, Protocol] = {}
    warnings: list[str] = []
    for chosen in plan.configurations:
        config = plan.config(chosen, plan.seeds[0])
        name = options_text(chosen) or "the only configuration"
        try:
            protocols[name] = _look_at(config, loaded, warnings)
        except KerasVAEError as error:
            raise type(error)(f"{name}: {error}") from error
        except tf.errors.ResourceExhaustedError as error:
            raise ConfigError(
                f"{name}: the model does not fit into memory; choose fewer --latent or --hidden"
            ) from error
        keras.utils.clear_session()
    refuse_different(protocols)
    return {
        "sha256": next(iter(protocols.values())).sha256,
        "warnings": list(dict.fromkeys(warnings)),
        "gpus": len(tf.config.list_physical_devices("GPU")),
    }


def _look_at(config: Config, loaded: dict[str, Dataset], warnings: list[str]) -> Protocol:
    """The protocol of a configuration; its data are loaded once for all that read them alike."""
    key = repr((config.data, config.stream, config.reading))
    if key not in loaded:
        loaded[key] = load(config.data, config.stream, config.reading)
    dataset, given = loaded[key], config
    config = decided(config, dataset)
    dataset = dataset.as_binarized(config.binarization)
    dataset = with_conditions(dataset, conditions_of(dataset, config))
    warnings += [*audit_dataset(dataset, config.likelihood), *defaults_taken(dataset, given)]
    build_vae(config, dataset)
    return protocol_of(dataset, likelihood_of(config, dataset), "test")
