import pytest

from keras_vae.data.tables import Column
from keras_vae.errors import DataError


def test_a_column_comes_back_from_its_dictionary():
    column = Column("size", "ordinal", ("S", "M"), "str", "two texts", gaps=(-9,))
    assert Column(**column.to_dict()) == column
    assert column.is_modelled
    assert not Column("id", "identifier").is_modelled
    assert not Column("born", "condition", values="date").is_modelled


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"kind": "text"}, "'text'"),
        ({"kind": "binary", "categories": ("a",)}, "1 values"),
        ({"kind": "categorical"}, "0 categories"),
        ({"kind": "ordinal", "categories": range(1001)}, "1001 categories"),
        ({"kind": "real", "categories": (1, 2)}, "no categories"),
        ({"kind": "categorical", "categories": ("a", "a")}, "named twice"),
        ({"kind": "condition"}, "values = ''"),
        ({"kind": "condition", "values": "count"}, "'count'; expected one of real, date"),
        ({"kind": "condition", "values": "binary", "categories": "a"}, "1 values"),
        ({"kind": "real", "values": "real"}, "a condition alone"),
    ],
)
def test_what_is_no_column_is_refused_by_name(values, words):
    with pytest.raises(DataError, match=words) as caught:
        Column("size", **values)
    assert "'size'" in str(caught.value)
