"""The path from q(z|x) through z to the loss, whose gradient can be weighed."""

import tensorflow as tf

__all__ = ["Path"]


class Path:
    """z as it is; in the gradient each draw weighs what `weigh` said, which may come later, when
    z has been decoded. Without a word, 1."""

    def __init__(self) -> None:
        self._weights: tf.Tensor | None = None

    def weigh(self, weights: tf.Tensor) -> None:
        """Args: weights: float32 (K, batch), without a gradient of their own."""
        self._weights = weights

    def __call__(self, z: tf.Tensor) -> tf.Tensor:
        """Args: z: (K, batch, d)."""

        @tf.custom_gradient
        def weighed(z: tf.Tensor) -> tf.Tensor:
            def gradient(upstream: tf.Tensor) -> tf.Tensor:
                return upstream if self._weights is None else upstream * self._weights[..., None]

            return tf.identity(z), gradient

        return weighed(z)
