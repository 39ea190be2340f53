import importlib
import sys

import pytest

from keras_vae.import_hooks import after_import, at_first_use, before_import


@pytest.fixture
def module(tmp_path, monkeypatch):
    """The name of a module that writes down that its code ran, and is forgotten after the test."""
    (tmp_path / "tried_out.py").write_text("import sys\nsys.ran.append(__name__)\nvalue = 3\n")
    monkeypatch.setattr(sys, "ran", [], raising=False)
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    monkeypatch.syspath_prepend(tmp_path)
    yield "tried_out"
    sys.modules.pop("tried_out", None)


def test_what_is_to_follow_an_import_follows_it_once_and_leaves_nothing_behind(module):
    finders = list(sys.meta_path)
    after_import(module, lambda: sys.ran.append("after"))
    assert sys.ran == []
    loaded = importlib.import_module(module)
    assert (sys.ran, loaded.value, sys.meta_path) == ([module, "after"], 3, finders)
    importlib.reload(loaded)
    assert sys.ran == [module, "after", module]
    assert "exec_module" not in vars(loaded.__loader__)


def test_a_module_that_is_seldom_used_runs_at_its_first_use(module):
    at_first_use(module)
    loaded = importlib.import_module(module)
    assert sys.ran == []
    assert (loaded.value, sys.ran) == (3, [module])


def test_a_module_that_is_not_there_is_not_found_as_ever(monkeypatch):
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    at_first_use("not_there")
    after_import("not_there", pytest.fail)
    with pytest.raises(ModuleNotFoundError, match="No module named 'not_there'"):
        importlib.import_module("not_there")


def test_what_is_to_come_before_an_import_comes_first_and_may_import_the_module_itself(module):
    finders = list(sys.meta_path)
    before_import(lambda name: name == module, lambda: sys.ran.append("before"))
    loaded = importlib.import_module(module)
    assert (sys.ran, sys.meta_path) == (["before", module], finders)
    del sys.modules[module]
    sys.ran.clear()
    before_import(lambda name: name == module, lambda: importlib.import_module(module))
    again = importlib.import_module(module)
    assert sys.ran == [module]  # once
    assert again is sys.modules[module] is not loaded
    assert again.__spec__.origin == loaded.__spec__.origin
