import sys
from types import ModuleType

import pytest

import keras_vae
from keras_vae.lazy_names import lazy_names


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package that is lazy, with one heavy module and one that is broken."""
    folder = tmp_path / "lazy_one"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "from keras_vae.lazy_names import lazy_names\n"
        "__all__, __getattr__, __dir__ = lazy_names(__name__, __file__)\n"
    )
    (folder / "__init__.pyi").write_text(
        "from lazy_one import heavy as heavy\nfrom lazy_one.heavy import answer as answer\n"
    )
    (folder / "heavy.py").write_text("answer = [42]\n")
    (folder / "broken.py").write_text("import not_installed\n")
    monkeypatch.syspath_prepend(tmp_path)
    import lazy_one

    yield lazy_one
    for name in [name for name in sys.modules if name.split(".")[0] == "lazy_one"]:
        del sys.modules[name]


def test_a_name_loads_its_module_when_it_is_asked_for(package):
    assert package.__all__ == ["answer", "heavy"]
    assert {*package.__all__, "__doc__"} <= {*dir(package)}
    assert "lazy_one.heavy" not in sys.modules
    assert package.answer == [42]
    assert vars(package)["answer"] is package.heavy.answer is sys.modules["lazy_one.heavy"].answer


def test_a_name_that_is_not_there_is_missing_and_a_broken_module_says_why(package):
    with pytest.raises(AttributeError, match="'lazy_one' has no attribute 'nothing'"):
        package.nothing  # noqa: B018
    with pytest.raises(ModuleNotFoundError, match="not_installed"):
        package.broken  # noqa: B018


@pytest.mark.parametrize("module", [keras_vae, keras_vae.runs], ids=lambda module: module.__name__)
def test_each_name_of_ours_is_there(module):
    assert [name for name in module.__all__ if not hasattr(module, name)] == []
    assert lazy_names(module.__name__, module.__file__)[0] == module.__all__


def test_the_names_of_the_package_are_what_they_say():
    assert keras_vae.diagnose is keras_vae.diagnosis.diagnose
    assert keras_vae.fit is keras_vae.runs.fit
    assert isinstance(keras_vae.data, ModuleType)
