"""A model and its data -> answers to what learners ask, in this model's own numbers."""

from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from keras_vae import plots
from keras_vae.aliases import PathLike, Tell
from keras_vae.errors import DataError, RunError, check_name
from keras_vae.evidence import dataset_for
from keras_vae.explanations.answer import Answer
from keras_vae.explanations.material import Material
from keras_vae.explanations.questions import QUESTIONS
from keras_vae.runs.run import Run
from keras_vae.vae import VAE

__all__ = ["draw_answers", "explain"]


def explain(
    run_or_vae: Run | VAE,
    data: Any = None,
    only: str | Iterable[str] | None = None,
    example: int = 0,
    seed: int = 0,
    progress: Tell = lambda what: None,
) -> list[Answer]:
    """Answers questions about VAEs with the numbers of one model; the same call gives the same.

    A sentence that the model contradicts is not in an answer: where a model behaves otherwise the
    text says so. Several answers train small models of the same architecture, for comparison:
    that takes about a minute for all, and weights of the model itself are left alone.

    Args:
        run_or_vae: `Run`, as `load_run` gives it, or any trained `VAE`.
        data: of a run: a name or path, None for its own; else a `Dataset`, or what
            `keras_vae.data.as_dataset` takes in its place. Answers are of its test split; of an
            array all of it.
        only: names in `QUESTIONS`, or one; None: all of them.
        example: number, in that split, of the example that the answers follow through.
        seed: of all draws.
        progress: called with what is being computed.

    Returns:
        List of `Answer`, in the order of `QUESTIONS`.

    Raises:
        ConfigError: if a name is unknown.
        DataError: if the data do not fit, or have no such example.
    """
    names = [only] if isinstance(only, str) else list(only or QUESTIONS)
    for name in names:
        check_name("question", name, QUESTIONS)
    progress("data")
    material = _material(run_or_vae, data, example, seed, progress)
    modules = {
        name: import_module(f"keras_vae.explanations.questions.{name}")
        for name in QUESTIONS
        if name in names
    }
    _plan(material, modules)
    answers = []
    for name, module in modules.items():
        progress(name)
        answers.append(module.answer(material))
    return answers


def _plan(material: Material, modules: Mapping[str, ModuleType]) -> None:
    """Says how many models will be trained, for the time left; and has the one trained first that
    is also looked at during training."""
    if not any(hasattr(module, "BETAS") for module in modules.values()):
        return
    asked = {beta for module in modules.values() for beta in getattr(module, "BETAS", ())}
    looks = "bound" in modules and material.evidence is None
    if looks:
        asked.add(material.beta)
    if "autoencoder" in modules and material.beta == 0:
        asked.add(1.0)
    fixed = sum(getattr(module, "FIXED_CODES", 0) for module in modules.values())
    material.companions.planned = len(asked) + fixed
    if looks:
        material.companions.of(material.beta, looks=True)


def _material(
    run_or_vae: Run | VAE, data: Any, example: int, seed: int, progress: Tell
) -> Material:
    if isinstance(run_or_vae, Run):
        run = run_or_vae
        dataset = run.load_data(data)
        evidence = run.evidence if data is None else None
        material = Material(run.vae, dataset, run.config.beta, example, seed, evidence, progress)
    else:
        if data is None:
            raise DataError("a VAE alone does not know its data: give data=...")
        dataset = dataset_for(run_or_vae, data)
        material = Material(run_or_vae, dataset, run_or_vae.beta, example, seed, None, progress)
    examples = len(dataset.split(material.split))
    if not 0 <= example < examples:
        raise DataError(
            f"example {example}: the {material.split} split of {dataset.name} has {examples}, "
            f"from 0 to {examples - 1}"
        )
    return material


def draw_answers(answers: Iterable[Answer], folder: PathLike) -> dict[str, Path]:
    """Writes the picture of each answer into a folder, which is made if it is missing.

    Returns:
        The `Path` of each PNG by the name of its answer.

    Raises:
        RunError: if one cannot be written.
    """
    paths, folder = {}, Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for answer in answers:
            path = folder / f"{answer.name}.png"
            plots.save(answer.figure, path)
            paths[answer.name] = path
    except OSError as error:
        raise RunError(f"{folder}: cannot be written ({error.strerror or error})") from error
    return paths
