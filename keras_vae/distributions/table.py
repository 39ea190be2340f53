"""Names for likelihoods and priors."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from keras_vae.errors import ConfigError

__all__ = ["from_table"]

Part = TypeVar("Part")


def from_table(
    table: Mapping[str, Callable[[], Part]], value: str | Part, what: str, kind: type[Part]
) -> Part:
    """A new instance of `table[value]` for a name; an instance of `kind` as it is.

    Raises:
        ConfigError: if it is neither, with the names that are known.
    """
    if isinstance(value, kind):
        return value
    if not isinstance(value, str):
        raise ConfigError(
            f"{what}={value!r}: expected one of {', '.join(table)}, or an instance of a class that "
            f"derives from {kind.__name__}"
        )
    if value not in table:
        raise ConfigError(f"unknown {what} {value!r}: expected one of {', '.join(table)}")
    return table[value]()
