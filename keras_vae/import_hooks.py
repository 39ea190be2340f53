"""What is to happen when a module that is not loaded yet is imported."""

import sys
from collections.abc import Callable
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType
from typing import Any

__all__ = ["after_import", "at_first_use", "before_import"]


def after_import(name: str, call: Callable[[], object]) -> None:
    """Calls `call` once, behind the import of the module `name`, which may never come."""

    def behind(loader: Loader) -> Loader:
        sys.meta_path.remove(finder)
        execute = loader.exec_module

        def execute_and_call(module: ModuleType) -> None:
            execute(module)
            del loader.exec_module  # its own again
            call()

        loader.exec_module = execute_and_call  # type: ignore[method-assign]
        return loader

    finder = _With(behind, name)
    sys.meta_path.insert(0, finder)


def before_import(is_meant: Callable[[str], bool], call: Callable[[], object]) -> None:
    """Calls `call` once, before the first module is imported whose name `is_meant`; it may import
    that module itself."""
    sys.meta_path.insert(0, _Before(is_meant, call))


def at_first_use(*names: str) -> None:
    """Runs the code of these modules at their first use, not where they are imported."""
    sys.meta_path.insert(0, _With(LazyLoader, *names))


class _With(MetaPathFinder):
    """Finds the named modules as Python does, with another loader in place of theirs."""

    def __init__(self, loader: Callable[[Loader], Loader], *names: str) -> None:
        self.loader, self.names = loader, names

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name not in self.names:
            return None
        spec = PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            spec.loader = self.loader(spec.loader)
        return spec


class _Before(MetaPathFinder):
    """Finds nothing, but calls a function first."""

    def __init__(self, is_meant: Callable[[str], bool], call: Callable[[], object]) -> None:
        self.is_meant, self.call = is_meant, call

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if not self.is_meant(name):
            return None
        sys.meta_path.remove(self)
        self.call()
        module = sys.modules.get(name)
        if module is None:
            return None
        # imported by the call: it must not run a second time; Python takes the spec of the module
        module.__spec__ = ModuleSpec(name, _Loaded(module))
        return module.__spec__


class _Loaded(Loader):
    """Gives out a module that is loaded already."""

    def __init__(self, module: ModuleType) -> None:
        self.module, self.spec = module, module.__spec__

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self.module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self.spec  # its own again
