import sys

import pytest

from keras_vae.on_demand import loaded_on_demand


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package with a module `part` that has `thing`, and one that needs what is not there."""
    folder = tmp_path / "made_for_this_test"
    folder.mkdir()
    (folder / "part.py").write_text("thing = object()\n")
    (folder / "broken.py").write_text("import no_such_module_anywhere\n")
    (folder / "__init__.py").write_text(
        "from keras_vae.on_demand import loaded_on_demand\n"
        "__all__ = ['thing']\n"
        "__getattr__, __dir__ = loaded_on_demand(__name__, {'part': ('thing',)})\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    import made_for_this_test

    yield made_for_this_test
    for name in [name for name in sys.modules if name.startswith("made_for_this_test")]:
        del sys.modules[name]


def test_a_name_is_loaded_when_it_is_asked_for_and_only_then(package):
    assert "made_for_this_test.part" not in sys.modules
    assert "thing" in dir(package)
    thing = package.thing
    assert thing is sys.modules["made_for_this_test.part"].thing
    assert vars(package)["thing"] is thing


def test_a_module_of_the_package_is_found_by_its_name(package):
    assert package.part is sys.modules["made_for_this_test.part"]


def test_what_is_not_there_is_an_attribute_error_but_what_a_module_lacks_is_told(package):
    get, _ = loaded_on_demand(package.__name__, package.__dict__.get("names", {}))
    with pytest.raises(AttributeError, match="'nothing'"):
        get("nothing")
    with pytest.raises(ModuleNotFoundError, match="no_such_module_anywhere"):
        package.broken  # noqa: B018
