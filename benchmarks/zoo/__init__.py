"""The failure zoo: VAEs with one known defect each, and healthy ones that look ill.

An injector takes a `Cell` (data and architecture), a seed and a severity, and returns the subject
of a diagnosis. Most patch one thing in the code by which healthy models are trained; some spoil a
healthy model afterwards.
"""

from zoo import after, data, families, healthy, loss, noise, tables, training
from zoo.cells import CELLS
from zoo.specimen import INJECTORS

__all__ = [
    "CELLS",
    "INJECTORS",
    "after",
    "data",
    "families",
    "healthy",
    "loss",
    "noise",
    "tables",
    "training",
]
