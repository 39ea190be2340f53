"""The number of this version: here alone. `setup.py` reads it as text, without TensorFlow."""

__all__ = ["__version__"]

__version__ = "0.1.0"
