"""Does the decoder use z? Give each example the z of another, and see."""

from collections.abc import Callable

import numpy as np

from keras_vae.measures.standard_error import standard_error

__all__ = ["shuffle_gap"]


def shuffle_gap(
    z: np.ndarray, distortion: Callable[[np.ndarray], np.ndarray], seed: int = 0
) -> tuple[float, float]:
    """Mean rise of the distortion where each example gets another example's z.

    Near 0 the decoder ignores z, for any rate; a rate without this gap is wasted.

    Args:
        z: (N, d), draws of q(z|x) of N examples, at least 2.
        distortion: function of z (N, d), one for each example in its place, to -log p(x|z), (N,),
            nats.
        seed: of who gets whose.

    Returns:
        (gap, its standard error over the examples), nats.
    """
    z = np.asarray(z)
    order = np.random.default_rng(seed).permutation(len(z))
    # Along a cycle through all examples, so that none keeps its own.
    others = np.empty_like(order)
    others[order] = np.roll(order, 1)
    rise = np.asarray(distortion(z[others]), "float64") - np.asarray(distortion(z), "float64")
    return float(rise.mean()), standard_error(rise)
