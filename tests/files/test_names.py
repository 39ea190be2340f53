import pytest

from keras_vae import ConfigError, RunError
from keras_vae.files.names import adapter_names, picture_names


def test_an_adapter_is_a_function_in_a_module():
    assert adapter_names("my_vae:adapt") == ("my_vae", "adapt")
    assert adapter_names("my.own.vae:adapt") == ("my.own.vae", "adapt")


@pytest.mark.parametrize("adapter", ["", "my_vae", "my_vae:", ":adapt", "my-vae.py:adapt", "a:b:c"])
def test_an_adapter_that_is_written_in_another_way_is_one_line(adapter):
    with pytest.raises(ConfigError, match=r"expected module:function, such as my_vae:adapt$"):
        adapter_names(adapter)


ALWAYS = {"latent_map", "reconstructions", "samples", "interpolation"}


@pytest.mark.parametrize(
    ("arguments", "more"),
    [
        ((2, False, False), {"manifold"}),
        ((3, False, False), {"traversals"}),
        ((1, True, False), {"traversals", "history"}),
        ((2, True, True), {"manifold", "history", "evidence"}),
    ],
)
def test_pictures_are_those_that_apply_or_of_them_those_that_are_asked_for(arguments, more):
    names = picture_names(*arguments)
    assert (len(names), {*names}) == (len({*names}), ALWAYS | more)
    assert picture_names(*arguments, names[::-2]) == names[::-2]
    for name in {"manifold", "traversals", "history", "evidence", "nothing"} - more:
        with pytest.raises(RunError, match=f"no picture '{name}' .*; expected one of latent_map"):
            picture_names(*arguments, ["samples", name])
