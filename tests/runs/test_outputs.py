import csv

import numpy as np
import pandas as pd
import pytest

from keras_vae import RunError, plots
from keras_vae.runs import write_output


def no_figure():
    raise AssertionError("drawn without need")


def test_arrays_are_written_as_npz_and_none_is_left_out(tmp_path):
    path = tmp_path / "out.npz"
    write_output(path, {"z": np.eye(2), "labels": None}, no_figure)
    with np.load(path) as arrays:
        assert arrays.files == ["z"]
        np.testing.assert_array_equal(arrays["z"], np.eye(2))


def test_a_csv_reads_back_to_the_same_float32(tmp_path):
    path = tmp_path / "out.csv"
    x = np.random.default_rng(0).normal(size=(3, 2, 2)).astype("float32")
    row, names = np.array([7, 8, 9]), np.array(["a", 'b, "c"', "d"])
    write_output(path, {"row": row, "split": names, "labels": None, "x": x}, no_figure)
    with open(path, newline="", encoding="utf-8") as file:
        header, *lines = csv.reader(file)
    assert header == ["row", "split", "x_0_0", "x_0_1", "x_1_0", "x_1_1"]
    assert [line[:2] for line in lines] == [["7", "a"], ["8", 'b, "c"'], ["9", "d"]]
    back = np.array([line[2:] for line in lines], "float32").reshape(x.shape)
    np.testing.assert_array_equal(back, x)


def test_a_parquet_keeps_dtypes_and_a_tsv_has_tabs(tmp_path):
    arrays = {"row": np.array([1, 2]), "z": np.float32([[0.1, 2], [3, np.nan]])}
    write_output(tmp_path / "out.tsv", arrays, no_figure)
    assert (tmp_path / "out.tsv").read_text() == "row\tz_0\tz_1\n1\t0.1\t2.0\n2\t3.0\t\n"
    pytest.importorskip("pyarrow")
    write_output(tmp_path / "out.parquet", arrays, no_figure)
    read = pd.read_parquet(tmp_path / "out.parquet")
    assert read.dtypes.astype(str).tolist() == ["int64", "float32", "float32"]
    np.testing.assert_array_equal(read[["z_0", "z_1"]], arrays["z"])


def test_a_png_is_drawn(tmp_path):
    write_output(tmp_path / "out.png", {}, lambda: plots.samples(np.zeros((4, 8, 8))))
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path):
    class Broken:
        def __array__(self, *arguments, **options):
            raise OSError(28, "No space left on device")

    path = tmp_path / "out.npz"
    path.write_bytes(b"old")
    with pytest.raises(RunError, match=r"out\.npz could not be written .No space left on device."):
        write_output(path, {"z": Broken()}, no_figure)
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["out.npz"]
