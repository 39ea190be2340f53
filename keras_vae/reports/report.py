"""The report of a run: one page that shows what a model learned."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from keras_vae.aliases import PathLike, Tell
from keras_vae.errors import ConfigError
from keras_vae.evaluation import evaluate, evidence_report
from keras_vae.explanations import explain
from keras_vae.files import write_text
from keras_vae.pictures import evidence_figures_of, figures_of
from keras_vae.reports.explorer import explorer_data
from keras_vae.reports.explorer_section import explorer_html
from keras_vae.reports.page import Section, page
from keras_vae.reports.sections import (
    answers_html,
    diagnosis_html,
    evidence_html,
    overview_html,
    pictures_html,
    run_html,
    said,
)
from keras_vae.runs.diagnosis import diagnose_dataset
from keras_vae.runs.run import Run

__all__ = ["report"]

# Picture -> what it shows, in words, for who does not see it.
PICTURES = {
    "history": "Training: elbo, distortion and rate by epoch",
    "evidence": "log p(x), ELBO and the gap between them by epoch",
    "bound_by_samples": "Importance-weighted bounds of log p(x) by the number of samples",
    "latent_rates": "The rate of each latent",
    "exact_posterior": "The true posterior of some examples beside what the encoder says",
    "reconstructions": "Inputs and their reconstructions",
    "samples": "Examples decoded from draws of the prior",
    "manifold": "What is decoded over the latent plane",
    "traversals": "What is decoded as one latent moves and the others stay",
}
OF_TRAINING = ("history", "evidence")
OF_EXAMPLES = ("reconstructions", "samples", "manifold", "traversals")


def report(
    runs: Run | Sequence[Run],
    path: PathLike | None = None,
    data: Any = None,
    explained: bool = False,
    progress: Tell = lambda what: None,
) -> Path:
    """Writes a page of a run, or of two side by side: one HTML file that needs nothing else.

    Args:
        runs: `Run`, or two of them.
        path: of the file, replaced if it exists; None: `report.html` in the folder of the first.
        data: name or path of other data to show, or an array; None for each run's own.
        explained: whether what learners ask is answered too (`keras_vae.explain`), for which small
            models are trained: a minute or two.
        progress: called with what is being computed.

    Returns:
        `Path` of the file, written whole or not at all.

    Raises:
        ConfigError: of more than two runs.
        DataError: if the data do not fit, or have changed.
        RunError: if the file cannot be written.
    """
    runs = [runs] if isinstance(runs, Run) else list(runs)
    if len(runs) not in (1, 2):
        raise ConfigError(f"{len(runs)} runs: a page shows one, or two side by side; give these")
    path = runs[0].path / "report.html" if path is None else Path(path)
    names = _names(runs)
    parts, explorers = [], []
    for number, run in enumerate(runs):
        found, explorer = _parts(run, number, names, data, explained, progress)
        parts.append(found)
        explorers.append(explorer)
    progress("page")
    sections = [Section(title, tuple(each[title] for each in parts)) for title in parts[0]]
    head = "" if len(runs) > 1 else f"<p>{escape(str(runs[0].record['protocol']))}</p>"
    write_text(path, page(" and ".join(names), head, sections, names, explorers))
    return path


def _names(runs: Sequence[Run]) -> list[str]:
    """The names of the folders; the whole paths of two that are called the same."""
    names = [run.path.resolve().name for run in runs]
    return names if len(set(names)) == len(names) else [str(run.path) for run in runs]


def _parts(
    run: Run,
    number: int,
    names: Sequence[str],
    data: Any,
    explained: bool,
    progress: Tell,
) -> tuple[dict[str, str], dict[str, Any]]:
    """HTML of each part by its title, and what the explorer is given."""
    whose = names[number] if len(names) > 1 else ""

    def tell(what: str) -> None:
        progress(f"{whose}: {what}" if whose else what)

    tell("data")
    vae, dataset = run.vae, run.load_data(data)
    tell("ELBO")
    metrics = run.metrics if run.metrics and data is None else evaluate(vae, dataset).to_dict()
    metrics = {**metrics, "is_conditional": dataset.is_conditional}  # older runs do not say it
    tell("latent explorer")
    explorer = explorer_data(vae, dataset, run.codes if data is None else None)
    tell("diagnosis")
    diagnosis = diagnose_dataset(run, dataset, progress=tell)

    def pictures(
        wanted: Iterable[str], figures: Mapping[str, Callable[[], Figure]], is_paper: bool = False
    ) -> str:
        shown = [(name, PICTURES[name], figures[name]()) for name in wanted if name in figures]
        return pictures_html(shown, number, is_paper)

    def evidence() -> str:
        found = evidence_report(vae, dataset, progress=tell)
        tell("pictures")
        drawn = evidence_figures_of(vae, found)
        return evidence_html(metrics, found.to_dict(), run.path, pictures(drawn, drawn))

    # of other data it is not known how training went
    history, tracked = (run.history, run.evidence) if data is None else (None, None)
    best = run.record["training"]["best_epoch"]
    figures = figures_of(vae, dataset, history, best, tracked)

    def training() -> str:
        if history is None:
            return '<p class="faint">Left out: these are not the data of the training.</p>'
        return pictures(OF_TRAINING, figures)

    parts = {
        "At a glance": said(lambda: overview_html(metrics, diagnosis)),
        "Latent space": explorer_html(explorer, number, whose),
        "Evidence: log p(x) = ELBO + KL(q(z|x) || p(z|x))": said(evidence),
        "Diagnosis": said(lambda: diagnosis_html(diagnosis)),
        "Examples": said(lambda: pictures(OF_EXAMPLES, figures, dataset.schema is not None)),
        "Training": said(training),
    }
    if explained:
        parts["Questions"] = said(lambda: answers_html(explain(run, data, progress=tell), number))
    parts["The run"] = run_html(run.path, run.record)
    return parts, explorer
