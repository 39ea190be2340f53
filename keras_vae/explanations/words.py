"""Numbers as they stand in the text of an answer."""

import math
from collections.abc import Sequence

from keras_vae.explanations.answer import Lines

__all__ = ["formula", "listed", "number", "point", "power_of_ten", "table"]

MOST_SHOWN = 4  # latents of a place

GAP = "  "


def number(value: float, error: float | None = None, digits: int = 2) -> str:
    """'-135.42', or with a standard error '-135.42 ± 0.31'."""
    value = 0.0 if round(value, digits) == 0 else value  # no '-0.00'
    text = f"{value:.{digits}f}"
    return text if error is None else f"{text} ± {error:.{digits}f}"


def point(z: Sequence[float]) -> str:
    """A place in the latent space: '(0.31, -1.20)', of many latents the first."""
    shown = [number(value) for value in z[:MOST_SHOWN]]
    return f"({', '.join([*shown, '...'] if len(z) > MOST_SHOWN else shown)})"


def power_of_ten(log_value: float) -> str:
    """exp(log_value) in words; far from 1 as a power of ten, 'about 10^-59', which floats may not
    hold."""
    # log10 x = log x / log 10
    exponent = log_value / math.log(10)
    return f"about 10^{round(exponent)}" if abs(exponent) >= 2 else f"{math.exp(log_value):.2g}"


def listed(values: Sequence[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    return " and ".join(filter(None, [", ".join(values[:-1]), *values[-1:]]))


def formula(*terms: str | tuple[str, str]) -> Lines:
    """A formula with the number of each term under it.

    Args:
        terms: `(symbol, number)`, or a sign such as `"="`, which stands in both lines.
    """
    pairs = [(term, term) if isinstance(term, str) else term for term in terms]
    widths = [max(map(len, pair)) for pair in pairs]
    lines = zip(*[(s.center(w), n.center(w)) for (s, n), w in zip(pairs, widths, strict=True)],
                strict=True)  # fmt: skip
    return Lines("\n".join(" ".join(line).rstrip() for line in lines))


def table(head: Sequence[str], *rows: Sequence[str]) -> Lines:
    """Rows under their heads, the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = []
    for row in (head, *rows):
        first, *rest = row
        cells = [first.ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        lines.append(GAP.join(cells).rstrip())
    return Lines("\n".join(lines))
