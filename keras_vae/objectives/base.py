"""The contract of an objective: `Terms` -> the loss of each example."""

from typing import Any

import tensorflow as tf

from keras_vae.terms import Terms

__all__ = ["Objective"]


class Objective:
    """Base of the objectives. A subclass registers itself with
    `keras.saving.register_keras_serializable`, and gives its options in `get_config`.

    Attributes:
        samples: K, how many z ~ q(z|x) an example it needs; at least 1.
        holds_posterior: whether `log_posterior` of the terms passes no gradient to the parameters
            of q(z|x) but through z, and the gradient through z can be weighed by `Terms.path`.
        resampled: S, how many of the K draws the gradient follows, of which `Terms.again` then
            gives the terms; 0: all.
        kind: `"elbo"`: it is the ELBO at some weight of the rate. Then the best encoder has q(z|x)
            as near p(z|x) as its family allows, and a diagnosis asks for that. `"iwae"`: it is
            L_K, whose encoder may be wider with nothing wrong. `"other"`: neither.
    """

    samples: int = 1
    resampled: int = 0
    holds_posterior: bool = False
    kind: str = "other"

    def loss(self, terms: Terms, beta: tf.Tensor) -> tf.Tensor:
        """The loss of each example.

        Args:
            terms: `Terms` of a batch, with `samples` draws of z.
            beta: float32 scalar tensor: the weight of the rate as it is now.

        Returns:
            float32 (batch,), nats; minimised.
        """
        raise NotImplementedError(f"{type(self).__name__} must define loss")

    def get_config(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Objective":
        return cls(**config)
