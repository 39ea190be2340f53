import datetime
import importlib
import sys

import pandas as pd
import pytest

from keras_vae.data.tables import is_table, read_frame
from keras_vae.errors import DataError


@pytest.fixture
def written(tmp_path):
    def write(text, name="t.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("a,b\n007,x\n, y\n", {"a": ["007", ""], "b": ["x", "y"]}),
        ("a;b\n1,5;NA\n", {"a": ["1,5"], "b": ["NA"]}),
        ("a\tb\n1\t2\n", {"a": ["1"], "b": ["2"]}),
        ("a|b\n1,5|x\n", {"a": ["1,5"], "b": ["x"]}),
        ('"a","b, c"\n"1,2",3\n', {"a": ["1,2"], "b, c": ["3"]}),
        ("\ufeffa\n\n1\n", {"a": ["", "1"]}),
        (",b\nx,1\n", {"Unnamed: 0": ["x"], "b": ["1"]}),
        ("1990,1991\n3,4\n", {"1990": ["3"], "1991": ["4"]}),
    ],
)
def test_cells_of_a_text_are_read_exactly_as_they_stand(written, text, columns):
    assert read_frame(written(text)).to_dict("list") == columns


def test_a_packed_text_is_read(tmp_path):
    frame = pd.DataFrame({"a": ["1", "x"]})
    frame.to_csv(tmp_path / "t.tsv.gz", sep="\t", index=False)
    pd.testing.assert_frame_equal(read_frame(tmp_path / "t.tsv.gz"), frame)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("a,b\n", "0 rows"),
        ("a,b\n1,2\n3,4,5\n", "line 3"),
        ("a,b\n1,2,3\n", "more cells"),
        ("a,b,c\n1,2,3\n,\n1", "row 1 has 2 cells, the header 3"),
        ("a,a\n1,2\n", "two columns are called 'a'"),
        ("5.1,3.5,x\n1,2,y\n", "header"),
        ("a b c\n1 2 3\n", "divided by commas"),
        (b"a\n\xe4\n", "UTF-8"),
        (b"\x00\x01\x02\n\x00", "not text"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line_with_its_name(written, text, words):
    path = written(text)
    with pytest.raises(DataError) as caught:
        read_frame(path)
    message = str(caught.value)
    assert str(path) in message
    assert words in message
    assert "\n" not in message


def test_a_frame_keeps_its_dtypes_and_gets_a_fresh_index():
    frame = pd.DataFrame({0: [1, 2], "when": pd.to_datetime(["2020-01-01", None])}, index=[7, 9])
    read = read_frame(frame)
    assert read.columns.tolist() == ["0", "when"]
    assert read.index.tolist() == [0, 1]
    assert read.dtypes.tolist() == frame.dtypes.tolist()


def test_a_frame_with_two_columns_of_a_name_or_of_several_headers_is_refused():
    with pytest.raises(DataError, match="two columns are called '1'"):
        read_frame(pd.DataFrame([[1, 2]], columns=[1, "1"]))
    with pytest.raises(DataError, match="several rows of headers"):
        read_frame(pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")])))


def test_parquet_without_pyarrow_says_what_to_install(written, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(DataError, match=r"keras_vae\[parquet\]"):
        read_frame(written("PAR1", "t.parquet"))


def test_what_is_a_table_is_told_by_the_ending_or_the_class(tmp_path):
    assert all(is_table(tmp_path / name) for name in ("a.csv", "a.TSV", "a.parquet", "a.csv.gz"))
    assert is_table(pd.DataFrame())
    assert not any(is_table(data) for data in (tmp_path / "a.npz", "digits", [[1.0]], None))
    with pytest.raises(DataError, match="list"):
        read_frame([[1.0]])
    (tmp_path / "a.txt").touch()
    with pytest.raises(DataError, match="not a table"):
        read_frame(tmp_path / "a.txt")


class Polars:
    """What a Series of polars offers: polars itself is no dependency."""

    def __init__(self, name, values, is_integer=False, is_numeric=False, is_boolean=False):
        self.name, self.values = name, values
        self.dtype = type("Boolean", (), {"is_integer": bool, "is_numeric": bool})()
        if not is_boolean:
            self.dtype = self
        self.is_integer, self.is_numeric = lambda: is_integer, lambda: is_numeric

    def null_count(self):
        return self.values.count(None)

    def to_list(self):
        return self.values

    def to_numpy(self):
        return pd.Series(self.values).to_numpy()


def test_a_frame_of_polars_is_read_column_by_column(monkeypatch):
    columns = [
        Polars("a", [1, None], is_integer=True, is_numeric=True),
        Polars("b", [1.5, 2.0], is_numeric=True),
        Polars("c", ["x", None]),
        Polars("d", [datetime.date(2020, 1, 1), None]),
        Polars("e", [True, None], is_boolean=True),
    ]
    monkeypatch.setattr(Polars, "__module__", "polars.dataframe")
    frame = Polars("frame", [])
    frame.iter_columns = lambda: iter(columns)
    read = read_frame(frame)
    assert read.dtypes.astype(str).tolist()[:2] == ["Int64", "float64"]
    assert read["a"].isna().tolist() == read["c"].isna().tolist() == [False, True]
    assert read["d"][0] == datetime.date(2020, 1, 1)
    assert read["e"].dtype == "boolean"
    assert read["e"].isna().tolist() == [False, True]


def test_whole_numbers_and_truth_values_of_a_parquet_stay_exact_beside_gaps(tmp_path):
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame({
        "id": pd.array([2**60 + 1, None, 3], "Int64"),
        "small": pd.array([1, 2, None], "Int8"),
        "is_member": pd.array([True, None, False], "boolean"),
        "n": [1, 2, 3],
        "x": [1.5, None, 2.0],
        "day": [datetime.date(2020, 1, 1), None, datetime.date(2021, 1, 1)],
    })  # fmt: skip
    path = tmp_path / "t.parquet"
    frame.to_parquet(path)
    # as other programs write it, which say nothing of pandas
    parquet = importlib.import_module("pyarrow.parquet")
    parquet.write_table(parquet.read_table(path).replace_schema_metadata(None), path)
    read = read_frame(path)
    dtypes = ["Int64", "Int8", "boolean", "int64", "float64", "object"]
    assert read.dtypes.astype(str).tolist() == dtypes
    assert read["id"].tolist() == [2**60 + 1, pd.NA, 3]
    assert read["day"].tolist() == frame["day"].tolist()
