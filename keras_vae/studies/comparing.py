"""Folders of models -> their comparison."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from keras_vae.aliases import PathLike, Tell
from keras_vae.config import Config
from keras_vae.data import Dataset
from keras_vae.errors import ConfigError, RunError
from keras_vae.evaluation.evaluate import describe_split
from keras_vae.files.records import RunRecord, read_run
from keras_vae.runs import Run, load_run
from keras_vae.studies.comparison import Comparison, Configuration
from keras_vae.studies.figures import evidence_of, first_of, terms_of
from keras_vae.studies.protocol import protocol_of, refuse_different

__all__ = ["check_models", "compare"]


def compare(
    models: Sequence[PathLike | RunRecord],
    data: Any = None,
    split: str = "test",
    samples: int = 10,
    examples: int = 200,
    k: int = 1000,
    seed: int = 0,
    progress: Tell = lambda what: None,
) -> Comparison:
    """Says which of several models is better, and whether the data can tell.

    All models are asked for the same examples in the same order, so that differences are paired:
    what makes an example hard for all of them cancels. Models that differ in nothing but their seed
    are one configuration.

    Args:
        models: at least two: the folders that `fit` left, what `keras_vae.files.read_run` has read
            of them, or `Run`s.
        data: name or path of other data, or an array, as for `Run.load_data`; None for the models'
            own.
        split: `"train"`, `"validation"` or `"test"`.
        samples: draws of z for each example, for the ELBO and its parts.
        examples: how many of the split log p(x) is estimated for.
        k: number of samples K of the importance-weighted bound L_K, which stands for log p(x)
            unless it is exact for every model: 1 to 3 latents.
        seed: of every draw.
        progress: called with what is being computed.

    Returns:
        `Comparison`; its values of single examples are in memory only.

    Raises:
        RunError: if a folder is broken, its training ended early, or the models are of different
            protocols, which is said in one line.
        ConfigError: if there are fewer than two models.
        DataError: if the data have changed, or are gone.
    """
    runs = [each if isinstance(each, Run) else load_run(each) for each in check_models(models)]
    names = [str(run.path) for run in runs]
    progress("data")
    datasets = _datasets(runs, data)
    refuse_different(
        {
            name: protocol_of(dataset, run.vae.likelihood, split)
            for name, run, dataset in zip(names, runs, datasets, strict=True)
        }
    )
    terms = []
    for name, run, dataset in zip(names, runs, datasets, strict=True):
        progress(f"ELBO of {name}")
        terms.append(terms_of(run.vae, dataset, split, samples, seed))
    given = [first_of(dataset, split, examples) for dataset in datasets]
    evidence = evidence_of([run.vae for run in runs], given, k, seed, progress)
    values = [
        {**found, "log_evidence": of_model}
        for (found, _), of_model in zip(terms, evidence.values, strict=True)
    ]
    groups = _same_but_for_the_seed([run.config for run in runs])
    options = _options_that_differ([runs[group[0]].config for group in groups])
    configurations = tuple(
        Configuration(
            models=tuple(names[i] for i in group),
            seeds=tuple(runs[i].config.seed for i in group),
            options=of_group,
            values={name: np.stack([values[i][name] for i in group]) for name in values[0]},
            active_units=tuple(terms[i][1] for i in group),
            latent=runs[group[0]].config.latent,
        )
        for group, of_group in zip(groups, options, strict=True)
    )
    count = len(evidence.values[0])
    protocols = dict.fromkeys(dataset.protocol(split) for dataset in datasets)
    is_estimated = any(not run.vae.has_exact_rate for run in runs)
    return Comparison(
        configurations,
        protocol=(
            f"{describe_split(datasets[0], split)}, {len(terms[0][0]['elbo'])} examples; "
            f"{' or '.join(protocols)}; {samples} samples of z an example, seed {seed}; log p(x) "
            f"of the first {count} examples: {evidence.method}; beta 1; float32"
            f"{'; rate estimated from the samples of z' if is_estimated else ''}"
        ),
        method=evidence.method,
        examples=count,
        doubts=tuple(
            f"{name}: {doubt}"
            for name, doubts in zip(names, evidence.doubts, strict=True)
            for doubt in doubts
        ),
    )


def check_models(models: Sequence[PathLike | RunRecord]) -> list[RunRecord]:
    """Refuses what cannot be compared, as far as the folders say: reads no model.

    Raises:
        RunError, ConfigError: as `compare`.
    """
    records = [each if isinstance(each, RunRecord) else read_run(each) for each in models]
    if len(records) < 2:
        raise ConfigError(f"{len(records)} model to compare; expected at least two folders")
    paths = [Path(record.path).resolve() for record in records]
    for record, path in zip(records, paths, strict=True):
        if paths.count(path) > 1:
            raise ConfigError(f"{record.path}: given twice; name each model once")
        if record.metrics is None:
            ended = record.record["training"]["ended"]
            raise RunError(
                f"{record.path}: has no metrics.json, because its training ended early ({ended}); "
                f"it does not stand for its options: fit it again, or leave it out"
            )
    return records


def _datasets(runs: Sequence[Run], data: Any) -> list[Dataset]:
    """What each model sees; those that see the same share it."""
    found: dict[str, Dataset] = {}
    keys = [repr((run.record["data"], run.config.reading, run.config.binarization)) for run in runs]
    for key, run in zip(keys, runs, strict=True):
        if key not in found:
            found[key] = run.load_data(data)
    return [found[key] for key in keys]


def _same_but_for_the_seed(configs: Sequence[Config]) -> list[list[int]]:
    """Indices of models, those of one configuration together; models of one seed too, which are
    not two draws, stay apart."""
    groups: dict[str, list[int]] = {}
    for index, config in enumerate(configs):
        groups.setdefault(repr(config.replace(seed=0)), []).append(index)
    parts = []
    for group in groups.values():
        is_once = len({configs[index].seed for index in group}) == len(group)
        parts += [group] if is_once else [[index] for index in group]
    return sorted(parts)


def _options_that_differ(configs: Sequence[Config]) -> list[dict[str, Any]]:
    """Of each configuration, its values of the options that are not the same for all."""
    values = [config.to_dict() for config in configs]
    names = [
        name
        for name in values[0]
        if name != "seed" and any(each[name] != values[0][name] for each in values)
    ]
    return [{name: each[name] for name in names} for each in values]
