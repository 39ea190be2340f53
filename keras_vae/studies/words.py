"""Figures and options of several models, in words."""

from collections.abc import Mapping
from typing import Any

__all__ = [
    "active_text",
    "options_text",
    "value_text",
    "with_error",
    "with_spread",
]


def with_error(value: float, error: float) -> str:
    """'-147.64 ± 2.17': as many decimals as say something, two at least."""
    decimals = _decimals(error)
    return f"{value:.{decimals}f} ± {error:.{decimals}f}"


def with_spread(value: float, error: float, spread: float | None) -> str:
    """The same, and on a second line the spread over seeds."""
    text = with_error(value, error)
    if spread is None:
        return text
    return f"{text}\nseeds ± {spread:.{_decimals(spread)}f}"


def _decimals(error: float) -> int:
    """Two or three, as many as the error has something to say in."""
    return 3 if 0 < error < 0.1 else 2


def options_text(options: Mapping[str, Any]) -> str:
    """'beta 0.5, hidden 64,32'"""
    return ", ".join(f"{name} {value_text(value)}" for name, value in options.items())


def value_text(value: Any) -> str:
    """A value as it stands on a command line."""
    if value is None:
        return "default"
    if isinstance(value, (list, tuple)):
        return ",".join(map(value_text, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def active_text(active: tuple[int, ...], latent: int) -> str:
    """'2 of 2'; of seeds that differ '5-7 of 8'."""
    least, most = min(active), max(active)
    return f"{least} of {latent}" if least == most else f"{least}-{most} of {latent}"
