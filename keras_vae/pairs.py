"""How many pairs of x and z are decoded at once: memory grows neither with their number nor with
the size of x."""

import math
from collections.abc import Sequence

__all__ = ["pairs_at_once"]

# Numbers of x. For each the layers before it hold 70 to 200 bytes, measured on both networks of
# convolutions: 150 to 400 MB at once, where 10,000 images of 64 x 64 x 3 took 8 GB.
NUMBERS = 2**21


def pairs_at_once(event_shape: Sequence[int | None], most: int) -> int:
    """`most`, or fewer, but at least 1.

    Args:
        event_shape: of one x; an axis of any length counts as 1.
        most: pairs where x is small.
    """
    entries = math.prod(side or 1 for side in event_shape)
    return min(most, max(1, NUMBERS // entries))
