import pytest

from keras_vae.data.tables import toml
from keras_vae.errors import DataError

COLUMNS = [
    {"name": 'a "quoted" \\ name', "kind": "categorical", "categories": ["ä\n", "\x7f", "x"]},
    {"name": "b", "kind": "ordinal", "categories": [1, 2.5, -3], "gaps": [-999, "n.d."]},
    {"name": "c", "kind": "binary", "categories": [False, True]},
]


def test_columns_come_back_whatever_they_hold():
    assert toml.read(toml.write(COLUMNS)) == COLUMNS


def test_reasons_are_comments_and_what_is_empty_is_left_out():
    text = toml.write([{"name": "a", "kind": "real", "form": "", "reason": "1 to\n2"}])
    assert "# 1 to 2\n" in text
    assert toml.read(text) == [{"name": "a", "kind": "real"}]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kind = ", "not TOML"),
        ("a = 1", "found a"),
        ("columns = 1", "[[columns]]"),
        ('[[columns]]\nkind = "real"', "name"),
        ('[[columns]]\nname = "a"\nsort = 1', "'sort'"),
        ('[[columns]]\nname = "a"\ncategories = "b"', "not a list"),
        ('[[columns]]\nname = "a"\nkind = ["real"]', "not a text"),
        ('[[columns]]\nname = "a"\nform = 1', "not a text"),
        ('[[columns]]\nname = "a"\ngaps = [{a = 1}]', "texts, numbers"),
        ('[[columns]]\nname = "a"\n' * 2, "twice"),
    ],
)
def test_what_is_no_schema_is_refused_with_the_name_of_the_file(tmp_path, text, words):
    path = tmp_path / "schema.toml"
    path.write_text(text)
    with pytest.raises(DataError) as caught:
        toml.read_file(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert words in message
    assert "\n" not in message


def test_a_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(DataError, match=r"none\.toml"):
        toml.read_file(tmp_path / "none.toml")
