"""How scores look on the terminal. Imported inside commands only: it needs rich."""

from typing import Any

from rich.console import Console
from rich.table import Table

from .terminal import plural

ROWS = 10


def echo_scores(scores: Any) -> None:
    """The least likely rows of a table of scores."""
    shown = scores.sort_values(["tail_probability", "log_evidence"]).head(ROWS)
    table = Table(title=f"the {len(shown)} least likely of {plural(len(scores), 'row')}; nats")
    for name in ("row", "log p(x)", "tail", "unlikely in"):
        table.add_column(name, justify="left" if name == "unlikely in" else "right")
    for row in shown.itertuples():
        table.add_row(
            str(row.row),
            f"{row.log_evidence:.2f} ± {row.standard_error:.2f}",
            f"{row.tail_probability:.3f}",
            row.unlikely,
        )
    Console().print(table)
