"""Columns: the row of a table, each column of the family that its kind asks for."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tensorflow_probability import distributions as tfd

from keras_vae.distributions.likelihoods.base import Likelihood, with_mask
from keras_vae.distributions.scalar import Scalar
from keras_vae.errors import ConfigError

__all__ = ["Columns"]


@keras.saving.register_keras_serializable(package="keras_vae")
class Columns(Likelihood):
    """p(x|z) = prod_j p_j(x_j|z): the columns of a table are independent given z.

    log p is of the values as they are stored: a family that standardises a column, or takes its
    logarithm, counts the Jacobian of that. It is the log of a density as soon as one column has a
    density, and of a probability if none has.

    Args:
        parts: the families by a name of each, such as `"real"`; each describes its own entries of
            x as an event of shape (entries,).
        entries: for each name the numbers of its entries of x, in order; each entry of x is named
            once.

    Raises:
        ConfigError: if an entry is named twice, or left out.
    """

    def __init__(
        self,
        parts: Mapping[str, Likelihood],
        entries: Mapping[str, Sequence[int]],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.parts = {name: parts[name] for name in entries}
        self.entries = {name: tuple(map(int, numbers)) for name, numbers in entries.items()}
        places = [number for numbers in self.entries.values() for number in numbers]
        # where entry j of x stands among the entries of all parts, put one after another
        self._order = np.argsort(places)
        if sorted(places) != list(range(len(places))):
            raise ConfigError(
                f"entries={self.entries}: expected each entry of x, from 0 on, once among them"
            )
        self.is_discrete = all(part.is_discrete for part in self.parts.values())

    def stands_for_gap(self, event_shape: tuple[int, ...]) -> np.ndarray:
        of_parts = [part.stands_for_gap(self._event(name)) for name, part in self.parts.items()]
        return np.concatenate(of_parts)[self._order]

    @property
    def filler(self) -> np.ndarray:
        fillers = [
            np.full(len(self.entries[name]), part.filler) for name, part in self.parts.items()
        ]
        return np.concatenate(fillers)[self._order].astype("float32")

    def parameter_shapes(self, event_shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
        """{part: shape}; of a part with several parameters {part_parameter: shape}."""
        return self._joined(
            {name: part.parameter_shapes(self._event(name)) for name, part in self.parts.items()}
        )

    def fit_without_z(self, x: np.ndarray, mask: np.ndarray | None = None) -> dict[str, np.ndarray]:
        return self._joined(
            {
                name: with_mask(
                    part.fit_without_z,
                    x[:, self.entries[name]],
                    mask=None if mask is None else mask[:, self.entries[name]],
                )
                for name, part in self.parts.items()
            }
        )

    def check(self, x: np.ndarray) -> None:
        for name, part in self.parts.items():
            part.check(x[:, self.entries[name]])

    def is_possible(self, x: tf.Tensor) -> tf.Tensor:
        # the columns have no support in common: each part answers with its own
        return self._side_by_side(
            part.describes(tf.gather(x, self.entries[name], axis=-1))
            for name, part in self.parts.items()
        )

    def build(self, input_shape: Any) -> None:
        for name, part in self.parts.items():
            part._build_once(self._of_part(name, input_shape))

    def call(self, parameters: Mapping[str, Any]) -> tf.Tensor:
        """The reconstruction, each column by its family: of categories the most probable one."""
        return self._side_by_side(
            tf.cast(part(self._of_part(name, parameters)), tf.float32)
            for name, part in self.parts.items()
        )

    def _entries(self, parameters: Mapping[str, Any]) -> tfd.Distribution:
        distributions = [
            part._entries(self._of_part(name, parameters)) for name, part in self.parts.items()
        ]
        return _SideBySide(distributions, list(self.entries.values()), self._side_by_side)

    def _side_by_side(self, values: Iterable[tf.Tensor]) -> tf.Tensor:
        """Tensors (..., entries of a part), one a part -> (..., entries of x) in their order."""
        return tf.gather(tf.concat(list(values), axis=-1), self._order, axis=-1)

    def _event(self, name: str) -> tuple[int, ...]:
        return (len(self.entries[name]),)

    def _joined(self, by_part: Mapping[str, Any]) -> dict[str, Any]:
        """{part: {parameter: value}} -> {part_parameter: value}."""
        joined = {}
        for name, value in by_part.items():
            if isinstance(value, dict):
                joined.update({f"{name}_{key}": each for key, each in value.items()})
            else:
                joined[name] = value
        return joined

    def _of_part(self, name: str, joined: Mapping[str, Any]) -> Any:
        """The way back for one part."""
        shapes = self.parts[name].parameter_shapes(self._event(name))
        if isinstance(shapes, dict):
            return {key: joined[f"{name}_{key}"] for key in shapes}
        return joined[name]

    def get_config(self) -> dict[str, Any]:
        parts = {
            name: keras.saving.serialize_keras_object(part) for name, part in self.parts.items()
        }
        entries = {name: list(numbers) for name, numbers in self.entries.items()}
        return {**super().get_config(), "parts": parts, "entries": entries}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Columns":
        parts = {
            name: keras.saving.deserialize_keras_object(part)
            for name, part in config["parts"].items()
        }
        return cls(**{**config, "parts": parts})


class _SideBySide(Scalar):
    """Scalar distributions of batch shapes (..., C_1), (..., C_2), ... as one of (..., C)."""

    def __init__(
        self,
        parts: Sequence[tfd.Distribution],
        entries: Sequence[Sequence[int]],
        side_by_side: Callable[[Iterable[tf.Tensor]], tf.Tensor],
    ) -> None:
        self._parts, self._places, self._side_by_side = parts, entries, side_by_side
        super().__init__()

    def _batch_shape(self) -> tf.TensorShape:
        columns = sum(map(len, self._places))
        return self._parts[0].batch_shape[:-1].concatenate(columns)

    def _batch_shape_tensor(self) -> tf.Tensor:
        columns = sum(map(len, self._places))
        return tf.concat([self._parts[0].batch_shape_tensor()[:-1], [columns]], 0)

    def _log_prob(self, x: tf.Tensor) -> tf.Tensor:
        return self._side_by_side(
            part.log_prob(tf.gather(x, places, axis=-1))
            for part, places in zip(self._parts, self._places, strict=True)
        )

    def _sample_n(self, n: int, seed: Any = None) -> tf.Tensor:
        seeds = tf.unstack(tf.random.split(seed, len(self._parts)))
        return self._side_by_side(
            tf.cast(part.sample(n, seed=each), tf.float32)
            for part, each in zip(self._parts, seeds, strict=True)
        )

    def _mean(self) -> tf.Tensor:
        return self._side_by_side(part.mean() for part in self._parts)

    def _variance(self) -> tf.Tensor:
        return self._side_by_side(part.variance() for part in self._parts)
