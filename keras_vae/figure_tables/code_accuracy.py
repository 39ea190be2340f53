"""The figures of `keras_vae.evaluation.code_accuracy` as a table."""

from collections.abc import Mapping
from typing import Any

from keras_vae.figure_tables.table import FigureTable

__all__ = ["code_accuracy_table"]

NAMES = {"codes": "codes z_mean", "pca": "PCA of x", "entries": "x itself"}
DIFFERENCES = {"codes_minus_pca": "codes - PCA", "codes_minus_entries": "codes - x itself"}


def code_accuracy_table(figures: Mapping[str, Any]) -> FigureTable:
    """Accuracies of each representation in percent, and how much better those of the codes are.

    Args:
        figures: as `CodeAccuracy.to_dict` gives them.
    """
    rows: list[tuple[str, ...]] = [
        (name, str(figures[key]["dimensions"]), *_cells(figures[key], ""))
        for key, name in NAMES.items()
    ]
    rows.append(())
    rows += [(name, "", *_cells(figures[key], "+")) for key, name in DIFFERENCES.items()]
    return FigureTable(
        f"Classes told of {figures['examples']:,} {figures['split']} examples, % right",
        tuple(rows),
        ("told from", "numbers", f"{figures['k']} nearest neighbours", "linear classifier"),
        (1, 2, 3),
        (
            f"{figures['classes']} classes; {100 * figures['most_frequent']:.1f} % are of the most "
            f"frequent one. ±: standard error; of a difference, example by example.",
            f"Protocol: {figures['protocol']}",
        ),
    )


def _cells(figures: Mapping[str, Any], sign: str) -> tuple[str, ...]:
    """'91.6 ± 1.2' by neighbours and by a linear classifier, percent."""
    return tuple(
        f"{100 * figures[name]:{sign}.1f} ± {100 * figures[f'{name}_standard_error']:.1f}"
        for name in ("neighbours", "linear")
    )
