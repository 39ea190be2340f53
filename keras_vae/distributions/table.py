"""Names for likelihoods and priors."""

from keras_vae.errors import ConfigError

__all__ = ["from_table"]


def from_table(table, value, what):
    """A new instance of `table[value]` for a name; anything else is taken as it is.

    Raises:
        ConfigError: if the name is unknown, with those that are known.
    """
    if not isinstance(value, str):
        return value
    if value not in table:
        raise ConfigError(f"unknown {what} {value!r}: expected one of {', '.join(table)}")
    return table[value]()
