"""The package's own exceptions: a user's mistake, in one line that ends with what to do."""

from collections.abc import Iterable
from numbers import Integral, Real

__all__ = [
    "ConfigError",
    "DataError",
    "DoesNotApply",
    "KerasVAEError",
    "OptimizationDiverged",
    "RunError",
    "TrainingDiverged",
    "WorkerLost",
    "check_count",
    "check_name",
    "check_one_change_of_rate",
    "check_weight",
    "first_line",
]


class KerasVAEError(Exception):
    """Base of all errors that a user can fix; anything else is a bug of this package."""


class ConfigError(KerasVAEError, ValueError):
    """An option has a value that cannot work."""


class DataError(KerasVAEError, ValueError):
    """The data cannot be read, or cannot be modelled as asked."""


class DoesNotApply(KerasVAEError):
    """A figure that is defined for other models than this one: the message says for which."""


class RunError(KerasVAEError):
    """A run's folder is missing, incomplete, or must not be overwritten."""


class OptimizationDiverged(KerasVAEError, ArithmeticError):
    """A search for the best q(z|x) of an example ended worse than it began."""


class TrainingDiverged(KerasVAEError, ArithmeticError):
    """A term of the loss became NaN or infinite during training."""


class WorkerLost(KerasVAEError):
    """Another process of a distributed training is gone."""


def check_count(name: str, value: object, least: int = 1) -> int:
    """`value` as an int, if it can be a number of things.

    Raises:
        ConfigError: if it is not a whole number of at least `least`.
    """
    is_whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not isinstance(value, Integral) or not is_whole or value < least:
        raise ConfigError(f"{name}={value!r}: expected a whole number of at least {least}")
    return int(value)


def check_name(what: str, value: object, names: Iterable[object]) -> None:
    """Refuses an unknown name, so that no name is silently ignored.

    Raises:
        ConfigError: with the names.
    """
    if value not in names:
        raise ConfigError(f"{what}={value!r}: expected one of {', '.join(map(str, names))}")


def check_weight(name: str, value: object) -> float:
    """`value` as a float, if it can be a weight in the loss.

    Raises:
        ConfigError: if it is not a finite number of at least 0.
    """
    number = float(value) if isinstance(value, Real) else -1.0
    if not 0 <= number < float("inf"):
        raise ConfigError(f"{name}={value!r}: expected a finite number of at least 0")
    return number


def check_one_change_of_rate(free_nats: float, capacity: float | None, gradient: str) -> None:
    """Refuses two of free nats, a capacity and the gradient `"stl"`.

    Raises:
        ConfigError: with the three.
    """
    if (capacity is not None) + (gradient == "stl") + (free_nats > 0) > 1:
        raise ConfigError(
            f"free_nats={free_nats!r}, capacity={capacity!r}, gradient={gradient!r}: each changes "
            f"what becomes of the rate; choose one"
        )


def check_resampled(resampled: object, samples: int) -> int:
    """`resampled` as an integer, if fewer draws than all can be followed.

    Raises:
        ConfigError: if it is not 0 or a whole number below `samples`.
    """
    if check_count("resampled", resampled, least=0) >= max(samples, 1):
        raise ConfigError(
            f"resampled={resampled!r}: expected fewer than the {samples} samples, or 0 for all"
        )
    return int(resampled)  # type: ignore[call-overload]  # checked


def first_line(error: BaseException | str) -> str:
    """What another library's error says, short enough to stand inside one of ours."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
