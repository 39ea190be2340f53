"""What a run's folder says of it, as a table."""

from collections.abc import Mapping
from typing import Any

from keras_vae.figure_tables.table import FigureTable

__all__ = ["run_table"]


def run_table(title: object, record: Mapping[str, Any]) -> FigureTable:
    """Data, protocol, model, training, options and versions.

    Args:
        title: of the table, such as the run's folder.
        record: all of its `config.json`.
    """
    config, data, training = (record[key] for key in ("config", "data", "training"))
    sizes = ", ".join(f"{count} {name}" for name, count in data["examples"].items())
    versions = ", ".join(f"{name} {number}" for name, number in record["versions"].items())
    chosen = ", ".join(f"{name} {value}" for name, value in config.items() if value is not None)
    ended = (
        f"{training['ended']}: {training['epochs']} epochs in {training['seconds']} s, "
        f"best checkpoint at epoch {training['best_epoch']}"
    )
    rows = (
        ("data", f"{data['name']}: {sizes}; shape {tuple(data['event_shape'])}"),
        ("protocol", record["protocol"]),
        ("model", f"{training['weights']:,} weights, {config['latent']} latents"),
        ("training", ended),
        ("options", chosen),
        ("versions", versions),
    )
    return FigureTable(str(title), rows, columns=("", ""), numbers=())
