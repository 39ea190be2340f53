"""What is wrong with a run, and with one that has not begun."""

from collections.abc import Callable
from dataclasses import replace
from math import isfinite
from numbers import Integral, Real
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_vae.aliases import Tell
from keras_vae.config import Config
from keras_vae.data import (
    Dataset,
    audit_dataset,
    conditions_of,
    count,
    decided,
    defaults_taken,
    with_conditions,
)
from keras_vae.diagnosis import (
    Diagnosis,
    Finding,
    entries_and_classes,
    examine,
    examine_plan,
    of_dataset,
)
from keras_vae.diagnosis.finding import ERROR
from keras_vae.errors import ConfigError, RunError, first_line
from keras_vae.export import list_versions, read_metadata
from keras_vae.runs.run import Run
from keras_vae.runs.sources import load
from keras_vae.training import build_vae, likelihood_of

__all__ = [
    "diagnose_dataset",
    "diagnose_run",
    "diagnosis_record",
    "dry_run",
    "warn_of_findings",
    "warn_of_plan",
]


def diagnose_run(
    run: Run,
    data: Any = None,
    examples: int = 2000,
    seed: int = 0,
    cheap: bool = False,
    progress: Tell = lambda what: None,
) -> Diagnosis:
    """Says what is wrong with a run.

    Args:
        run: `Run`.
        data: name or path of data to look at; None for the run's own.
        examples, seed, cheap, progress: as for `keras_vae.diagnose`.

    Returns:
        `Diagnosis`; its figures hold `beta`, that of the run's options, too.

    Raises:
        DataError: if the data do not fit, or have changed.
        RunError: if an exported version is damaged, or of a format that this version does not read.
    """
    progress("data")
    return diagnose_dataset(run, run.load_data(data), examples, seed, cheap, progress)


def diagnose_dataset(
    run: Run,
    dataset: Dataset,
    examples: int = 2000,
    seed: int = 0,
    cheap: bool = False,
    progress: Tell = lambda what: None,
) -> Diagnosis:
    """`diagnose_run` with a `Dataset` that is loaded already."""
    config = run.config
    more = {"probe": None} if cheap else {"served": _served(run)}  # both take seconds
    subject = of_dataset(
        run.vae,
        dataset.as_binarized(config.binarization),
        history=run.history,
        beta=config.beta,
        free_nats=config.free_nats,
        options=config.to_dict(),
        **more,
    )
    diagnosis = examine(subject, examples, seed, cheap, progress)
    return replace(diagnosis, figures={**diagnosis.figures, "beta": config.beta})


def _served(run: Run) -> tuple[Callable[..., Any], Callable[..., Any]] | None:
    """(encode, decode) of the newest version that stands in the run's folder; None without one."""
    versions = list_versions(run.path)
    if not versions:
        return None
    path = versions[max(versions)]
    read_metadata(path)  # refuses one of another format
    try:
        signatures = tf.saved_model.load(str(path), tags=["serve"]).signatures
    except (OSError, tf.errors.OpError) as error:
        raise RunError(
            f"{path}: cannot be loaded ({first_line(error)}); kvae check-export says more, "
            f"kvae export writes another version"
        ) from error

    x = signatures["encode"].structured_input_signature[1].get("x")
    if x is None or x.shape.rank == 1:  # a column of a table may be called x
        return None  # of a table: check-export holds its columns against reference answers
    vae = run.vae
    condition = signatures["encode"].structured_input_signature[1].get("condition")
    told = None if condition is None else tuple(condition.shape[1:])
    gives = signatures["encode"].structured_outputs["z_mean"].shape[1:]
    own = (*vae.event_shape, vae.latent_dim)
    if (*x.shape[1:], *gives) != own or told != vae.condition_shape:
        # Kept from a model of other shapes that had the folder before: nothing it says is right.
        return lambda x: (np.zeros((count(x), vae.latent_dim)),) * 2, vae.decoder_outputs

    def encode(x: Any) -> tuple[np.ndarray, np.ndarray]:
        given = x if isinstance(x, dict) else {"x": x}
        outputs = signatures["encode"](**{name: tf.constant(part) for name, part in given.items()})
        return outputs["z_mean"].numpy(), outputs["z_log_var"].numpy()

    def decode(z: np.ndarray, condition: np.ndarray | None = None) -> Any:
        # A server gives the means of p(x|z) only: the parameters moved by as much as its means.
        given = {"z": z} if condition is None else {"z": z, "condition": condition}
        asked = {name: tf.constant(part) for name, part in given.items()}
        moved = np.max(
            np.abs(signatures["decode"](**asked)["mean"] - vae.decode(z, condition=condition))
        )
        parameters = vae.decoder_outputs(z, condition)
        return keras.tree.map_structure(lambda part: np.asarray(part) + moved, parameters)

    return encode, decode


def dry_run(
    config: Config, warn: Tell = lambda line: None, progress: Tell = lambda what: None
) -> Diagnosis:
    """Says what is wrong with a run that has not begun; trains nothing and writes nothing.

    Args:
        config: `Config`.
        warn: called with each line that says where data and likelihood do not fit well.
        progress: called with what is being looked at.

    Returns:
        `Diagnosis`, as from `keras_vae.diagnosis.examine_plan`; its figures hold `weights`, the
        number of parameters, too.

    Raises:
        ConfigError, DataError: as `fit`.
    """
    progress("data")
    dataset = load(config.data, config.stream, config.reading)
    defaults = defaults_taken(dataset, config)
    config = decided(config, dataset)
    dataset = dataset.as_binarized(config.binarization)
    dataset = with_conditions(dataset, conditions_of(dataset, config))
    for line in [*audit_dataset(dataset, config.likelihood), *defaults]:
        warn(line)
    progress("model")
    try:
        weights = build_vae(config, dataset).count_params()
    except tf.errors.ResourceExhaustedError as error:
        raise ConfigError(
            "the model does not fit into memory; choose fewer --latent or --hidden"
        ) from error
    plan = _plan(config, dataset, progress)
    return replace(plan, figures={**plan.figures, "weights": weights})


def _plan(config: Config, dataset: Dataset, progress: Tell = lambda what: None) -> Diagnosis:
    """`examine_plan` of a run of a `Config` with its binarisation resolved."""
    examples = dataset.training_examples
    steps = config.epochs * (examples // min(config.batch_size, examples))
    likelihood = likelihood_of(config, dataset)
    splits = dataset.train.given, dataset.test.given
    more = entries_and_classes(dataset)
    return examine_plan(*splits, config, likelihood, steps, progress=progress, **more)


def warn_of_plan(config: Config, dataset: Dataset, warn: Tell) -> set[str]:
    """Says what a dry run finds, a line each; returns the names of those findings."""
    causes = _plan(config, dataset).causes
    for found in causes:
        warn(_line(found, f"--explain {found.name}"))
    return {found.name for found in causes}


def warn_of_findings(diagnosis: Diagnosis, run: Run, warn: Tell, told: set[str]) -> None:
    """Says what is wrong with a run, a line each, except the names that were reported already."""
    for found in diagnosis.findings:
        # A consequence of another finding is reported again only if it is worse than a warning.
        is_grave = found.severity == ERROR or found in diagnosis.causes
        if is_grave and found.name not in told:
            warn(_line(found, run.path))


def _line(found: Finding, more: object) -> str:
    """A finding in one line; `kvae diagnose` with `more` says more."""
    cause, remedy = found.cause.rstrip("."), found.remedy.rstrip(".")
    return f"{found.name}: {cause} -> {remedy}; kvae diagnose {more} says more"


def diagnosis_record(diagnosis: Diagnosis) -> dict[str, Any]:
    """`Diagnosis.to_dict()` ready for JSON: what is not finite is None."""
    return _finite(diagnosis.to_dict())


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(part) for part in value]
    if isinstance(value, Integral):  # also NumPy's
        return value if isinstance(value, bool) else int(value)
    if isinstance(value, Real):
        return float(value) if isfinite(value) else None
    return value
