import builtins

import pandas as pd
import pytest

from keras_vae.data.tables import read_frame, write_frame
from keras_vae.errors import DataError, RunError

FRAME = pd.DataFrame({"a": [0.1, None], "b": ["x,y", 'say "hi"'], "ü": [1, 2]}, index=[5, 6])


@pytest.mark.parametrize(
    ("ending", "text"),
    [
        (".csv", 'a,b,ü\n0.1,"x,y",1\n,"say ""hi""",2\n'),
        (".tsv", 'a\tb\tü\n0.1\tx,y\t1\n\t"say ""hi"""\t2\n'),
    ],
)
def test_text_is_in_utf_8_with_lines_of_one_kind_and_without_the_index(tmp_path, ending, text):
    path = tmp_path / f"out{ending}"
    write_frame(path, FRAME)
    assert path.read_bytes() == text.encode()
    assert read_frame(path)["b"].tolist() == FRAME["b"].tolist()


def test_parquet_keeps_dtypes_or_asks_for_its_package(tmp_path, monkeypatch):
    path = tmp_path / "out.parquet"
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        pass
    else:
        write_frame(path, FRAME)
        assert read_frame(path).dtypes.tolist() == FRAME.dtypes.tolist()
        path.unlink()
    found = builtins.__import__

    def without(name, *given, **named):
        if name.startswith(("pyarrow", "fastparquet")):
            raise ImportError(name)
        return found(name, *given, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.setattr(pd.DataFrame, "to_parquet", lambda *given, **named: without("pyarrow"))
    with pytest.raises(DataError, match=r"pip install 'keras_vae\[parquet\]'"):
        write_frame(path, FRAME)
    assert not list(tmp_path.iterdir())


def test_numbers_and_texts_of_one_column_are_text_in_a_parquet(tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(pd.DataFrame, "to_parquet", lambda frame, *_, **__: written.append(frame))
    mixed = pd.DataFrame({"value": pd.Series([1, "no", 2.5, None, True], dtype=object)})
    numbers = pd.DataFrame({"value": pd.Series([1, 2.5, None], dtype=object)})
    for frame in (mixed, numbers, FRAME):
        write_frame(tmp_path / "out.parquet", frame)
    assert written[0]["value"].dropna().tolist() == ["1", "no", "2.5", "True"]
    assert written[1]["value"].tolist() == [1, 2.5, None]
    pd.testing.assert_frame_equal(written[2], FRAME)


def test_a_place_that_cannot_be_written_is_one_line_and_leaves_nothing(tmp_path):
    with pytest.raises(RunError, match="could not be written"):
        write_frame(tmp_path / "missing" / "out.csv", FRAME)
    assert not list(tmp_path.iterdir())
