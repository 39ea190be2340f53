"""How many examples on disk are read together, so that reading is fast and the shuffle good."""

__all__ = ["block_and_window"]

# One read of neighbours; the fewer bytes, the better the shuffle and the more reads.
BLOCK_BYTES = 16 * 2**10
BLOCK_EXAMPLES = 64
# About four windows are in memory.
WINDOW_BYTES = 16 * 2**20


def block_and_window(example_bytes: int) -> tuple[int, int]:
    """How many examples are read together, and how many permuted together: about 1,024 blocks."""
    block = min(BLOCK_EXAMPLES, max(1, BLOCK_BYTES // example_bytes))
    window = min(1024 * BLOCK_EXAMPLES, max(1, WINDOW_BYTES // example_bytes))
    return block, window
