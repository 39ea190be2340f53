import numpy as np
import pandas as pd
import pytest

from keras_vae.data.tables.arrays import read_series
from keras_vae.errors import DataError

X = np.array([[1.5, np.nan], [2.0, 3.0]])


@pytest.mark.parametrize("kind", ["array", "list", "npy", "npz"])
def test_an_array_in_any_form_is_a_table_of_numbered_columns(kind, tmp_path):
    path = tmp_path / f"a.{kind}"
    if kind == "npy":
        np.save(path, X)
    if kind == "npz":
        np.savez(path, series=X)
    frame = read_series({"array": X, "list": X.tolist()}.get(kind, path))
    pd.testing.assert_frame_equal(frame, pd.DataFrame({"0": X[:, 0], "1": X[:, 1]}))


def test_one_channel_needs_no_axis_and_a_table_stays_as_it_is(tmp_path):
    assert read_series([1, 2, 3]).to_dict("list") == {"0": [1, 2, 3]}
    (tmp_path / "a.csv").write_text("b\n4\n5\n")
    assert list(read_series(tmp_path / "a.csv")) == ["b"]


def written(path, save, *values, **named):
    save(path, *values, **named)
    return path


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: np.zeros((4, 3, 2)), r"shape \(4, 3, 2\)"),
        (lambda path: np.zeros((0, 2)), r"shape \(0, 2\)"),
        (lambda path: ["a", "b"], "dtype <U1"),
        (lambda path: [[1], [1, 2]], "not an array of numbers"),
        (lambda path: written(path / "a.npy", np.save, np.array([{}])), "unpickled"),
        (lambda path: written(path / "a.npz", np.savez, x=X, y=X), "holds x, y"),
        (lambda path: written(path / "b.npy", lambda file: file.write_text("1")), "damage"),
    ],
)
def test_what_is_no_series_is_refused_in_one_line(make, words, tmp_path):
    with pytest.raises(DataError, match=words) as caught:
        read_series(make(tmp_path))
    assert "\n" not in str(caught.value)
