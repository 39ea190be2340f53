"""Names for types that many signatures share."""

import os
from typing import TypeAlias

__all__ = ["PathLike"]

PathLike: TypeAlias = str | os.PathLike[str]
