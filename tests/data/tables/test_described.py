import pytest

from keras_vae.data.tables import read_described
from keras_vae.errors import DataError


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1,x\n2,y\n3,x\n" * 10)
    return path


def test_a_file_corrects_what_is_inferred(path, tmp_path):
    _, schema = read_described(path)
    assert schema["a"].kind == "ordinal"
    (tmp_path / "s.toml").write_text('[[columns]]\nname = "a"\nkind = "categorical"\n')
    frame, corrected = read_described(path, tmp_path / "s.toml")
    assert corrected["a"].kind == "categorical"
    assert len(frame) == 30
    (tmp_path / "s.toml").write_text(corrected.to_toml())
    assert read_described(path, tmp_path / "s.toml")[1]["a"].kind == "categorical"


def test_a_whole_schema_is_taken_as_it_is(path):
    _, schema = read_described(path, label_column="b")
    assert read_described(path, schema)[1] is schema


def test_errors_begin_with_the_name_of_the_table(path):
    with pytest.raises(DataError, match=r"t\.csv: no column 'c'"):
        read_described(path, label_column="c")
