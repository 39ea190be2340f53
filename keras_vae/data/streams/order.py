"""The order in which a stream visits its examples: shuffled, in memory that does not grow."""

import functools

import numpy as np

__all__ = ["StreamOrder"]


class StreamOrder:
    """The position of each training example in each epoch: a pure function of (seed, epoch).

    Two shuffles. Blocks of neighbouring examples, each one short read, are distributed to windows;
    then the examples of a window of many blocks are permuted. Of each stretch of as many blocks
    as there are windows every window gets one, by chance: so data sorted by class have about the
    same classes in every window. Blocks begin at another place in each epoch. An example may
    come anywhere in the epoch, but those of one block come in the same window, or in two
    adjoining ones. With one example a block the shuffle is complete.

    How good is it? Where neighbours are similar, but distant examples are not (frames of films),
    the mean of a batch of b examples from a window of W blocks has the variance of that of a
    uniform draw times about 1 + (b - 1) / W, the design effect of a cluster sample (Kish 1965,
    "Survey Sampling", section 5.4); in data that are sorted, about 1.

    Args:
        examples: training examples.
        batch_size: examples a step. Leftover examples are skipped.
        block: neighbouring examples that are read together.
        window: the most examples that are permuted together, but at least one batch.
        seed: integer, at least 0.

    Attributes:
        steps: of an epoch.
        windows: of an epoch.
        steps_per_window: of each window but the last, which may be shorter.
    """

    def __init__(self, examples: int, batch_size: int, block: int, window: int, seed: int) -> None:
        self.steps = examples // batch_size
        most = max(1, window // batch_size)
        # windows of about one size, so that each is about one deal of blocks
        self.steps_per_window = -(-self.steps // -(-self.steps // most))
        self.windows = -(-self.steps // self.steps_per_window)
        self._examples = examples
        self._batch_size = batch_size
        self._block = block
        self._seed = seed
        # a window asks again for what all windows of its epoch share
        self._blocks = functools.lru_cache(maxsize=2)(self._dealt_blocks)

    def window(self, epoch: int, window: int) -> np.ndarray:
        """The training examples of one window: int64 (steps, batch_size)."""
        offset, order = self._blocks(epoch)
        start = window * self.steps_per_window * self._batch_size
        end = min(start + self.steps_per_window * self._batch_size, self.steps * self._batch_size)
        places = np.random.default_rng([self._seed, epoch, window + 1]).permutation(end - start)
        number, rest = np.divmod(start + places, self._block)
        examples = (offset + order[number] * self._block + rest) % self._examples
        return examples.reshape(-1, self._batch_size)

    def _dealt_blocks(self, epoch: int) -> tuple[int, np.ndarray]:
        """Where blocks begin, and their order; what is less than a block, other examples in each
        epoch, comes last."""
        rng = np.random.default_rng([self._seed, epoch])
        whole = self._examples // self._block
        order = rng.permutation(whole)
        if self._block > 1:
            stretches = -(-whole // self.windows)
            deals = np.tile(np.arange(self.windows), (stretches, 1))
            deal = rng.permuted(deals, axis=1).reshape(-1)
            order = order[np.argsort(deal[order], kind="stable")]
        return int(rng.integers(self._examples)), np.append(order, whole)
