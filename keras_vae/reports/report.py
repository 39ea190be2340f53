"""The report of a run: one page that shows what a model learned."""

from pathlib import Path

from keras_vae.aliases import PathLike, Tell
from keras_vae.files import write_text
from keras_vae.reports.explorer import explorer_data
from keras_vae.reports.explorer_section import explorer_html
from keras_vae.reports.page import Section, page
from keras_vae.runs.run import Run

__all__ = ["report"]


def report(run: Run, path: PathLike | None = None, progress: Tell = lambda what: None) -> Path:
    """Writes the page of a run: one HTML file that needs no network and no other file."""
    path = run.path / "report.html" if path is None else Path(path)
    progress("data")
    dataset = run.load_data()
    progress("latent explorer")
    data = explorer_data(run.vae, dataset)
    sections = [Section("Latent space", (explorer_html(data, 0, ""),))]
    write_text(path, page(run.path.name, "", sections, [run.path.name], [data]))
    return path
