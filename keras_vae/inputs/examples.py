"""An array or tensor -> examples (N, *event_shape) that the likelihood can describe."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
from keras import ops

from keras_vae.data import as_array, refuse_counts
from keras_vae.data.given import PARTS
from keras_vae.distributions import Likelihood
from keras_vae.errors import DataError

__all__ = [
    "Takes",
    "are_parts",
    "condition_of",
    "examples",
    "fitted",
    "is_inside",
    "no_condition",
    "parts_by_name",
    "same_axes",
    "unexpected_condition",
]

LARGEST = float(np.finfo("float32").max)


class Takes(NamedTuple):
    """What a model takes.

    Attributes:
        event_shape: of one example; None if any.
        likelihood: what must be able to describe the values.
        condition_shape: of one condition; None if it takes none.
    """

    event_shape: tuple[int, ...] | None
    likelihood: Likelihood
    condition_shape: tuple[int, ...] | None = None


def examples(x: Any, takes: Takes) -> Any:
    """`x` as a model takes it.

    Args:
        x: see `as_array`; of shape (N, *event_shape) apart from axes of size 1. Or a dictionary of
            it as `x` with `mask` (N, *event_shape), 1 where an entry was observed and 0 where it is
            missing, and `condition` (N, *condition_shape).
        takes: `Takes`. A symbolic tensor has no values yet, so they are not checked.

    Returns:
        (N, *event_shape): a tensor for a tensor, else a NumPy array; or a dictionary of such.

    Raises:
        DataError: if the shape is any other, or values are NaN, infinite, outside the
            likelihood's support, or 8-bit counts; if parts are missing, unknown, or do not fit.
    """
    if isinstance(x, dict):
        return _parts(x, takes)
    if takes.condition_shape is not None:
        raise no_condition()
    x = fitted(as_array(x), takes.event_shape)
    if isinstance(x, np.ndarray):
        _check_values(x, takes.likelihood)
    elif hasattr(x, "numpy") and not is_inside(x, takes.likelihood):  # an eager tensor
        _check_values(x.numpy(), takes.likelihood)
    return x


def parts_by_name(given: dict[str, Any], takes: Takes) -> dict[str, Any]:
    """The parts that are there, if they are those that a model takes.

    Raises:
        DataError: if they are not; their shapes and values are not looked at.
    """
    parts = {name: part for name, part in given.items() if part is not None}
    if "x" not in parts or not set(parts) <= set(PARTS):
        raise DataError(
            f"x is a dictionary of {', '.join(map(repr, given)) or 'nothing'}: expected 'x', and "
            f"where there are some 'mask' and 'condition'"
        )
    if takes.condition_shape is None and "condition" in parts:
        raise unexpected_condition()
    if takes.condition_shape is not None and "condition" not in parts:
        raise no_condition()
    return parts


def _parts(given: dict[str, Any], takes: Takes) -> dict[str, Any]:
    """`examples` of a dictionary."""
    parts = parts_by_name(given, takes)
    x = fitted(as_array(parts["x"]), takes.event_shape)
    if "mask" in parts:
        mask = as_array(parts["mask"], "mask")
        parts["mask"] = _checked(fitted(mask, takes.event_shape, "mask"), "mask")
    if "condition" in parts:
        parts["condition"] = condition_of(parts["condition"], takes.condition_shape)
    counts = {name: part.shape[0] for name, part in {**parts, "x": x}.items()}
    if len({count for count in counts.values() if count is not None}) > 1:
        raise DataError(
            f"x, mask and condition have different numbers of examples: "
            f"{', '.join(f'{name} {count}' for name, count in counts.items())}"
        )
    if "mask" in parts:
        x = _without_missing(x, parts["mask"], takes.likelihood.filler)
    return {**parts, "x": examples(x, takes._replace(condition_shape=None))}


def _without_missing(x: Any, mask: Any, filler: Any) -> Any:
    """x with 0 where it is missing, or what p(x|z) describes instead: NaN, too, may stand there."""
    if isinstance(x, np.ndarray) and isinstance(mask, np.ndarray):
        return np.where(mask > 0, x, np.asarray(filler, x.dtype))
    return ops.where(mask > 0, x, ops.cast(filler, x.dtype))


def _checked(part: Any, name: str) -> Any:
    """A mask or a condition as float32, if its values can be one.

    Raises:
        DataError: if they cannot.
    """
    values = part.numpy() if hasattr(part, "numpy") else part
    if isinstance(values, np.ndarray):
        if name == "mask" and not np.isin(values, (0, 1)).all():
            is_nan = np.isnan(values).any()
            held = "NaN" if is_nan else f"values in [{values.min():g}, {values.max():g}]"
            raise DataError(
                f"mask holds {held}: expected 1 where an entry of x was observed, and 0 where it "
                f"is missing"
            )
        if not np.isfinite(values).all():
            raise DataError("condition holds NaN or infinite values: leave those examples out")
    return part.astype("float32") if isinstance(part, np.ndarray) else ops.cast(part, "float32")


def condition_of(condition: Any, condition_shape: tuple[int, ...] | None) -> Any:
    """Conditions as a model takes them: float32 (N, *condition_shape).

    Raises:
        DataError: if they have another shape, or are not finite.
    """
    fitting = fitted(as_array(condition, "condition"), condition_shape, "condition")
    return _checked(fitting, "condition")


def unexpected_condition() -> DataError:
    """What to raise where a model that is not conditional is given a condition."""
    return DataError(
        "a condition was given, and the model takes none: leave it out, or give VAE networks that "
        "name it: functional keras.Models built on a dictionary of inputs, such as "
        '{"x": x, "condition": condition} and {"z": z, "condition": condition}'
    )


def no_condition() -> DataError:
    """What to raise where a conditional model is given none."""
    return DataError(
        "this model is conditional, and no condition was given: give the dictionary "
        '{"x": x, "condition": condition}'
    )


def fitted(x: Any, event_shape: tuple[int, ...] | None, what: str = "x") -> Any:
    """(N, *event_shape) from an array or tensor whose shape differs in axes of size 1 alone.

    Unknown axes of a tensor are checked against `event_shape` when it is computed.

    Raises:
        DataError: if the shape is any other.
    """
    if event_shape is None or None in event_shape:
        return x
    if x.shape is None or getattr(x.shape, "rank", 1) is None:
        return tf.ensure_shape(x, (None, *event_shape))
    shape = tuple(x.shape)
    if shape and shape[1:] == event_shape:
        return x
    if None in shape[1:] and len(shape) == len(event_shape) + 1:
        return tf.ensure_shape(x, (None, *event_shape)) if isinstance(x, tf.Tensor) else x
    if shape and same_axes(shape[1:], event_shape):
        count = -1 if shape[0] is None else shape[0]
        reshape = np.reshape if isinstance(x, np.ndarray) else ops.reshape
        return reshape(x, (count, *event_shape))
    expected = ", ".join(map(str, ("N", *event_shape)))
    raise DataError(
        f"{what} has shape {shape}, the model takes ({expected}): "
        f"{_way_out(shape, event_shape, what)}"
    )


def same_axes(shape: Iterable[int | None], other: Iterable[int | None]) -> bool:
    """Whether two shapes are equal apart from axes of size 1."""
    return [n for n in shape if n != 1] == [n for n in other if n != 1]


def is_inside(x: tf.Tensor, likelihood: Likelihood) -> tf.Tensor:
    """Whether `likelihood` can describe every value of a tensor: a bool tensor, in any graph."""
    if x.dtype == tf.bool:
        return tf.constant(True)
    most = 1 if x.dtype == tf.uint8 else LARGEST
    x = tf.cast(x, tf.float32)
    return tf.reduce_all((tf.abs(x) <= most) & likelihood.describes(x))  # false for NaN


def are_parts(x: Any) -> tf.Tensor:
    """Whether mask and condition of a dictionary can be such: a bool tensor, in any graph."""
    parts = x if isinstance(x, dict) else {}
    is_right = tf.constant(True)
    if "mask" in parts:
        is_right &= tf.reduce_all((parts["mask"] == 0) | (parts["mask"] == 1))
    if "condition" in parts:
        is_right &= tf.reduce_all(tf.math.is_finite(parts["condition"]))
    return is_right


def _check_values(x: np.ndarray, likelihood: Likelihood) -> None:
    """The same in NumPy, in words."""
    refuse_counts(x, likelihood.support[1])
    likelihood.check(x)


def _way_out(shape: tuple[Any, ...], event_shape: tuple[int, ...], what: str) -> str:
    example = shape[1:]
    if shape == event_shape:
        return f"this is one example without a batch axis; give {what}[None], or dataset.batch(n)"
    if len(example) > 1 and (*example[1:], example[0]) == event_shape:
        return f"its channels come first; give np.moveaxis({what}, 1, -1)"
    if len(example) > 1 and (example[-1], *example[:-1]) == event_shape:
        return f"its channels come last; give np.moveaxis({what}, -1, 1)"
    if None not in example and np.prod(example, dtype=int) == np.prod(event_shape, dtype=int):
        sizes = ", ".join(map(str, event_shape))
        return f"if each row holds these entries in this order, give {what}.reshape(-1, {sizes})"
    return "give examples of that shape, or build the networks for this one"
