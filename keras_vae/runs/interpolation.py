"""What a run decodes on the straight line between the codes of two examples."""

import shlex
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_vae.aliases import Tell
from keras_vae.conditions import condition_values, described_condition
from keras_vae.data import Dataset, Examples
from keras_vae.errors import ConfigError, DataError
from keras_vae.runs.run import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Interpolation", "interpolate", "picture_of_interpolation"]


@dataclass(frozen=True)
class Interpolation:
    """Two examples, and what lies between their codes.

    Attributes:
        split, start, end: which examples they are, by their numbers in the split from 0.
        ends: `Examples`, the two as the model sees them.
        z: float32 (N, d), from z_mean of the first to z_mean of the second, both included.
        mean: float32 (N, *event_shape), the mean of p(x|z) at each z; of a category the most
            probable one, as `VAE.decode` gives it.
        condition: what the decoder was told all along the line, by name; empty where it is told
            nothing.
    """

    split: str
    start: int
    end: int
    ends: Examples
    z: np.ndarray
    mean: np.ndarray
    condition: dict[str, str]


def interpolate(
    run: Run,
    dataset: Dataset,
    start: int,
    end: int,
    steps: int = 11,
    split: str = "test",
    condition: Mapping[str, Any] = MappingProxyType({}),
    warn: Tell = warnings.warn,
) -> Interpolation:
    """Decodes z = (1 - t) z_start + t z_end at equal steps of t from 0 to 1.

    z_start and z_end are the means of q(z|x) of two examples, each with its own condition. Under a
    normal p(z) of many latents the middle of the line is nearer to 0 than nearly all z that are
    drawn.

    Args:
        run: `Run`.
        dataset: `Dataset` that fits it.
        start, end: numbers of the two examples in the split, from 0.
        steps: how many z, at least 2, both ends among them.
        split: `"train"`, `"validation"` or `"test"`.
        condition, warn: as for `Run.condition`: what the decoder is told; where nothing is given,
            the condition of the two examples, if they have the same.

    Returns:
        `Interpolation`.

    Raises:
        DataError: if there is no such example, or the two have different conditions.
        ConfigError: if `steps` is no whole number of at least 2.
    """
    if not isinstance(steps, Integral) or isinstance(steps, bool) or steps < 2:
        raise ConfigError(f"steps={steps!r}: expected a whole number of at least 2")
    examples = run.examples(dataset, split)
    for name, number in (("from", start), ("to", end)):
        if not isinstance(number, Integral) or not 0 <= number < len(examples):
            raise DataError(
                f"--{name} {number}: the {split} split has {len(examples)} examples; expected a "
                f"whole number, 0 to {len(examples) - 1}"
            )
    ends = examples[np.array([start, end])]
    if condition or ends.condition is None:
        told, values = run.condition(condition, warn), dict(condition)
    else:
        told = _common_condition(run, ends)
        values = condition_values(run.conditions, told)
    (z_start, z_end), _ = run.vae.encode(ends.given)
    t = np.linspace(0, 1, steps, dtype="float32")[:, None]
    z = (1 - t) * z_start + t * z_end
    mean = run.vae.decode(z, condition=told)
    return Interpolation(split, int(start), int(end), ends, z, mean, values)


def picture_of_interpolation(dataset: Dataset, found: Interpolation) -> "Figure":
    """The two examples, and between them what is decoded; of a table as rows.

    Args:
        dataset: `Dataset` of the examples; of a table its training split says where a value lies.
        found: as from `interpolate`.
    """
    # numbers need no matplotlib
    from keras_vae import plots
    from keras_vae.table_pictures import picture_of_line

    told = ", ".join(f"{name}={value}" for name, value in found.condition.items())
    note = f"{found.split} examples {found.start} and {found.end}{f', given {told}' * bool(told)}"
    x, mask = found.ends.x, found.ends.mask
    if dataset.schema is not None:
        return picture_of_line(dataset, x, mask, found.mean, note)
    if mask is not None and not mask.all():
        note += "; missing entries are drawn as 0"
    return plots.interpolation(found.mean, len(found.z), x[:1], x[1:], note)


def _common_condition(run: Run, ends: Examples) -> np.ndarray:
    """The condition of both examples, or a line that says how they differ."""
    assert ends.condition is not None
    first, second = ends.condition
    if np.array_equal(first, second):
        return np.asarray(first)
    if not run.conditions:
        raise DataError(
            "the two examples have different conditions, and the decoder takes one for the whole "
            "line; choose two examples of the same condition"
        )
    words = [described_condition(run.conditions, told) for told in (first, second)]
    values = condition_values(run.conditions, first)
    options = [
        word for name, value in values.items() for word in ("--condition", f"{name}={value}")
    ]
    raise DataError(
        f"the two examples have different conditions ({words[0]}; {words[1]}), and the decoder "
        f"takes one for the whole line; give it, such as {shlex.join(options)}"
    )
