"""The pictures of a sweep."""

from pathlib import Path

from keras_vae.plots import bound_by_configuration, rate_distortion, save
from keras_vae.studies.swept import Sweep
from keras_vae.studies.words import options_text, value_text

__all__ = ["draw_sweep"]


def draw_sweep(sweep: Sweep) -> list[Path]:
    """Draws rate and distortion, and L_K, of all configurations into the folder of a sweep.

    Returns:
        `Path` of each picture.
    """
    rows = sweep.rows
    # along beta, which trades rate for distortion; else along the option of most values
    vary = sweep.plan.vary
    along = "beta" if "beta" in vary else max(vary, key=lambda name: len(vary[name]), default="")
    others = [{name: v for name, v in row.options.items() if name != along} for row in rows]
    figures = {
        "rate_distortion": rate_distortion(
            [row.mean("rate") for row in rows],
            [row.mean("distortion") for row in rows],
            [value_text(row.options[along]) if along else "" for row in rows],
            [options_text(each) for each in others],
            [row.spread("rate") or 0.0 for row in rows],
            [row.spread("distortion") or 0.0 for row in rows],
            along,
        ),
        "log_evidence": bound_by_configuration(
            [row.name for row in rows],
            [row.means("log_evidence") for row in rows],
            [row.error("log_evidence") for row in rows],
            sweep.plan.k,
        ),
    }
    paths = [sweep.path / f"{name}.png" for name in figures]
    for path, figure in zip(paths, figures.values(), strict=True):
        save(figure, path)
    return paths
