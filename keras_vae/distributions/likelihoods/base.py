"""The likelihood p(x|z): a distribution over x, given what the decoder outputs for z."""

import inspect
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tensorflow_probability import distributions as tfd

from keras_vae.errors import DataError

__all__ = ["Likelihood", "entries_of", "flat", "refuse_to_broadcast", "where_observed", "with_mask"]


class Likelihood(keras.layers.Layer):
    """Base of the likelihoods: turns the decoder's output into p(x|z).

    A Keras layer, because a likelihood may own weights (`Gaussian` does). Called on the
    decoder's output it returns the mean of p(x|z), the reconstruction. Always float32.
    """

    # The range of x that the likelihood can describe.
    support: tuple[float, float] = (-np.inf, np.inf)

    # Whether log p(x|z) is the log of a probability, so that bits per dimension exist;
    # otherwise it is the log of a density.
    is_discrete = False

    # Which value of p(x|z) stands for x in a reconstruction: what calling the layer returns.
    reconstruction = "mean"

    @property
    def is_binary(self) -> bool:
        """Whether p(x|z) gives probability to 0 and 1 only, and takes a gray level for the mean of
        many draws, as a Bernoulli does."""
        return self.is_discrete and tuple(self.support) == (0, 1)

    def stands_for_gap(self, event_shape: tuple[int, ...]) -> np.ndarray:
        """Which value stands for an entry that is unknown: `"mean"`, `"median"` of an order or
        `"mode"` of names; one an entry, (*event_shape)."""
        is_name = self.reconstruction == "mode" or self.is_binary
        return np.full(event_shape, "mode" if is_name else "mean")

    @property
    def filler(self) -> Any:
        """What stands in x where it is missing: a value that p(x|z) describes, or one an entry. It
        counts for nothing, but the gradient of what is no value would."""
        return float(np.ceil(np.clip(0, *self.support)))

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("dtype", "float32")
        super().__init__(**kwargs)

    def parameter_shapes(
        self, event_shape: tuple[int, ...]
    ) -> tuple[int, ...] | dict[str, tuple[int, ...]]:
        """What the decoder outputs for one example: a shape, or a dictionary of name -> shape."""
        return tuple(event_shape)

    def call(self, parameters: Any) -> tf.Tensor:
        return self.distribution(parameters).mean()

    def distribution(self, parameters: Any) -> tfd.Distribution:
        """p(x|z) with one event for each example.

        Args:
            parameters: the decoder's output, float tensors of `parameter_shapes` behind the axis of
                the batch.

        Returns:
            `tfd.Independent` of batch shape (batch,) and event shape `event_shape`.
        """
        parameters = tf.nest.map_structure(lambda part: tf.cast(part, tf.float32), parameters)
        self._build_once(tf.nest.map_structure(lambda part: tuple(part.shape), parameters))
        entries = self._entries(parameters)
        return tfd.Independent(entries, entries.batch_shape.rank - 1)

    def log_prob(self, x: tf.Tensor, parameters: Any, mask: tf.Tensor | None = None) -> tf.Tensor:
        """log p(x|z) of each x with the z of its own row, float32 (batch,), nats.

        Without a mask the same as `distribution(parameters).log_prob(x)`, for where it is needed
        often; with one, log p of the entries that were observed.

        Args:
            x: float32 tensor (batch, *event_shape).
            parameters: as in `distribution`.
            mask: float32 tensor like x, 1 where an entry was observed, 0 where it is missing, and
                where x holds any value that the likelihood can describe; or None.

        Raises:
            DataError: if x and the parameters have different event shapes; with a mask, if the
                entries depend on each other given z.
        """
        distribution = self.distribution(parameters)
        refuse_to_broadcast(x, distribution.event_shape)
        if mask is None:
            return distribution.log_prob(x)
        # log p(x_observed|z) = sum_i mask_i log p(x_i|z): entries are independent given z
        x = tf.where(mask > 0, x, self.filler)
        of_entries = where_observed(mask, self.log_prob_of_entries(x, parameters))
        return tf.reduce_sum(flat(of_entries), axis=1)

    def log_prob_of_pairs(
        self, x: tf.Tensor, parameters: Any, mask: tf.Tensor | None = None
    ) -> tf.Tensor:
        """log p(x|z) of every x with every z.

        Args:
            x: float32 tensor (N, *event_shape).
            parameters: the decoder's output for M latents.
            mask: as in `log_prob`, or None.

        Returns:
            float32 tensor (N, M), nats.
        """
        if mask is None:
            return self.distribution(parameters).log_prob(x[:, None])
        x = tf.where(mask > 0, x, self.filler)
        of_entries = self.log_prob_of_entries(x[:, None], parameters)
        of_entries = where_observed(mask[:, None], of_entries)
        return tf.reduce_sum(of_entries, axis=range(2, len(of_entries.shape)))

    def log_prob_of_entries(self, x: tf.Tensor, parameters: Any) -> tf.Tensor:
        """log p(x_i|z) of each entry by itself, of x (..., batch, *event_shape).

        Raises:
            DataError: if the entries depend on each other given z.
        """
        entries = entries_of(self.distribution(parameters))
        if entries is None:
            raise DataError(
                f"a mask leaves single entries out, and the entries of this likelihood depend on "
                f"each other: {type(self).__name__} has no log p of each; leave out the mask and "
                f"the examples with gaps, or give a likelihood whose _entries are independent"
            )
        return entries.log_prob(x)

    def check(self, x: np.ndarray) -> None:
        """Refuses values that p(x|z) gives no meaning to: NaN, infinite, outside the support.

        Args:
            x: NumPy (N, *event_shape).

        Raises:
            DataError: with what was found, and the choices.
        """
        if not x.size:
            return
        least, most = float(x.min()), float(x.max())
        if not (np.isfinite(least) and np.isfinite(most)):
            rows = np.unique(np.argwhere(~np.isfinite(x))[:, 0])
            nan, infinite = np.count_nonzero(np.isnan(x)), np.count_nonzero(np.isinf(x))
            count, kind = (nan, "NaN value") if nan else (infinite, "infinite value")
            masked = ', or leave them out of log p(x): {"x": x, "mask": ~np.isnan(x)}'
            raise DataError(
                f"x holds {count} {kind}{'' if count == 1 else 's'}, in {len(rows)} of {len(x)} "
                f"examples, the first in row {rows[0]}: leave those examples out, or fill the "
                f"values in{masked if nan else ''}"
            )
        low, high = self.support
        if not (low <= least and most <= high):
            raise DataError(
                f"{type(self).__name__} describes values in [{low}, {high}], got values in "
                f"[{least:g}, {most:g}]; scale them, or choose likelihood='gaussian'"
            )

    def is_possible(self, x: tf.Tensor) -> tf.Tensor:
        """Whether p(x|z) describes each value, if it lies in the support: bool, in any graph.

        Args:
            x: float32 (batch, *event_shape).
        """
        return tf.ones_like(x, tf.bool)

    def describes(self, x: tf.Tensor) -> tf.Tensor:
        """Whether p(x|z) describes each value, which lies in the support and is possible there: as
        `is_possible`."""
        low, high = self.support
        return (x >= low) & (x <= high) & self.is_possible(x)  # false for NaN

    def _build_once(self, shapes: Any) -> None:
        """Makes the likelihood's own weights, if it has some that are not there yet.

        Args:
            shapes: of the decoder's output, with the axis of the batch: what `build` gets.
        """
        if not self.built:
            with tf.init_scope():
                self.build(shapes)

    def _entries(self, parameters: Any) -> tfd.Distribution:
        """p(x_i|z) for each entry of x by itself, batch shape (batch, *event_shape)."""
        raise NotImplementedError(f"{type(self).__name__} must define _entries")

    def fit_without_z(self, x: np.ndarray, mask: np.ndarray | None = None) -> Any:
        """The constant decoder output under which p(x|z) fits `x` best when z is ignored.

        Where training starts (the decoder's output bias), and the model that a useful z must
        beat (the pixel-independent baseline). Sets the likelihood's own weights to match.

        Args:
            x: NumPy (N, *event_shape), the training data.
            mask: as in `log_prob`: missing entries are left out; or None.

        Returns:
            NumPy float32 arrays of `parameter_shapes`.
        """
        raise NotImplementedError(f"{type(self).__name__} must define fit_without_z")


def with_mask(method: Callable[..., Any], *arguments: Any, mask: Any = None) -> Any:
    """`method(*arguments)` of a likelihood; with a mask, where there is one.

    Likelihoods of data without gaps need not know masks.

    Args:
        method: `log_prob`, `log_prob_of_pairs` or `fit_without_z` of a `Likelihood`.
        arguments: what it takes before the mask.
        mask: as in `Likelihood.log_prob`, or None.

    Raises:
        DataError: if there is a mask, and the method takes none.
    """
    if mask is None:
        return method(*arguments)
    taken = inspect.signature(method).parameters.values()
    if not any(each.name == "mask" or each.kind is each.VAR_KEYWORD for each in taken):
        raise DataError(
            f"a mask was given, and {method.__qualname__} takes none: give it a parameter "
            f"mask=None that leaves missing entries out, or leave out the mask and the examples "
            f"with gaps"
        )
    return method(*arguments, mask=mask)


def refuse_to_broadcast(x: tf.Tensor, event_shape: tf.TensorShape) -> None:
    """Refuses x with other axes than p(x|z) has: TensorFlow would repeat it in silence."""
    x = tf.TensorShape(x.shape)
    if not x[1:].is_compatible_with(event_shape):
        raise DataError(
            f"x has shape {tuple(x)}, and p(x|z) is over {tuple(event_shape)}: reshape x to "
            f"(N, *event_shape)"
        )


def entries_of(distribution: tfd.Distribution) -> tfd.Distribution | None:
    """What a `tfd.Independent` is made of, if these are single numbers; otherwise None.

    Asked by what it has: of a distribution that is not a `CompositeTensor`, as one of one's own,
    the class `tfd.Independent` makes an object that is not an instance of it.
    """
    if not hasattr(distribution, "reinterpreted_batch_ndims"):
        return None
    entries = distribution.distribution
    return entries if entries.event_shape.rank == 0 else None


def where_observed(mask: tf.Tensor, of_entries: tf.Tensor) -> tf.Tensor:
    """log p of each entry; 0 where it is missing, whatever a value that cannot be gives there."""
    return tf.where(mask > 0, of_entries, 0.0)


def flat(values: tf.Tensor) -> tf.Tensor:
    """(batch, *event_shape) -> (batch, entries)."""
    return tf.reshape(values, [-1, np.prod(values.shape[1:], dtype=int)])
