"""Names for types that many signatures share."""

import os
from collections.abc import Callable
from typing import Any, TypeAlias

__all__ = ["Logs", "PathLike", "Tell"]

PathLike: TypeAlias = str | os.PathLike[str]
# Called with what is being done, or with one line that warns.
Tell: TypeAlias = Callable[[str], object]
# What Keras gives a callback: figures by name, though by its signatures it may be None.
Logs: TypeAlias = dict[str, Any] | Any
