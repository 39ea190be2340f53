import pytest

from keras_vae.errors import first_line


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("one"), "one"),
        (ValueError("\n one\ntwo"), "one"),
        (EOFError(), "EOFError"),
        (ValueError("x" * 999), "x" * 200),
    ],
)
def test_an_error_of_another_library_is_one_short_line(error, line):
    assert first_line(error) == line
