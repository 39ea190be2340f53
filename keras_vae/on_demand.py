"""Names of a package that are loaded when they are first asked for."""

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = ["loaded_on_demand"]


def loaded_on_demand(
    package: str, names: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The two functions of PEP 562, `__getattr__` and `__dir__`, of a package.

    Args:
        package: its `__name__`.
        names: module in it -> names that the package has of that module. None of them may be that
            of a module in the package: importing that module would hide it.

    Returns:
        (`__getattr__`, which also finds each module in the package; `__dir__`).
    """
    modules = {name: module for module, of_it in names.items() for name in of_it}

    def get(name: str) -> Any:
        module = f"{package}.{modules.get(name, name)}"
        try:
            found = importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name != module:
                raise
            raise AttributeError(f"module {package!r} has no attribute {name!r}") from None
        value = getattr(found, name) if name in modules else found
        setattr(sys.modules[package], name, value)
        return value

    def names_there() -> list[str]:
        here = vars(sys.modules[package])
        return sorted({*here, *here["__all__"]})

    return get, names_there
