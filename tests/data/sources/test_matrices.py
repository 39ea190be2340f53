import h5py
import numpy as np
import pytest
import tensorflow as tf
from scipy import sparse

from keras_vae.data.sources import matrices
from keras_vae.data.sources.matrices import packed, row_matrix, unpacked
from keras_vae.errors import DataError

X = np.random.default_rng(0).poisson(0.5, (30, 7)).astype("float32")
X[4] = 0


def stored(file, kind):
    """X in a file, as anndata lays it out."""
    if kind == "array":
        return file.create_dataset("X", data=X)
    matrix = (sparse.csr_matrix if kind == "csr_matrix" else sparse.csc_matrix)(X)
    group = file.create_group("X")
    group.attrs.update({"encoding-type": kind, "shape": X.shape})
    for part in ("data", "indices", "indptr"):
        group[part] = getattr(matrix, part)
    return group


@pytest.fixture
def file(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        yield file


@pytest.mark.parametrize("kind", ["array", "csr_matrix", "csc_matrix"])
def test_some_rows_of_a_matrix_are_those_that_were_stored(file, kind):
    matrix = row_matrix("x", stored(file, kind))
    assert matrix.shape == X.shape
    for rows in ([0], [4], [2, 3, 4, 9, 29], range(30)):
        found = matrix.rows(np.array(rows))
        dense = found if kind == "array" else found.toarray()
        np.testing.assert_array_equal(dense, X[list(rows)])
    values, rows = matrix.values(3, 12)
    np.testing.assert_array_equal(np.bincount(rows, values, minlength=9), X[3:12].sum(axis=1))


def test_an_entry_that_is_stored_twice_is_the_sum(file):
    matrix = matrices.SparseRows(
        np.array([1.0, 2.0, 5.0]), np.array([1, 1, 0]), np.array([0, 2, 3]), (2, 3)
    )
    rows = matrix.rows(np.arange(2))
    np.testing.assert_array_equal(rows.toarray(), [[0, 3, 0], [5, 0, 0]])
    np.testing.assert_array_equal(unpacked(tf.constant(packed(rows)), 3), rows.toarray())


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float64"])
def test_packed_rows_come_back_dense(dtype):
    x = X.astype(dtype)
    x[7, [0, 6]] = 200, 3  # bytes that end in zeros, and both ends of a row
    rows = tf.constant(packed(sparse.csr_matrix(x)))
    np.testing.assert_array_equal(unpacked(rows, 7), x.astype("float32"))
    np.testing.assert_array_equal(unpacked(rows[4:5], 7), np.zeros((1, 7)))  # nothing is stored
    wrong = sparse.csr_matrix(np.array([[0, np.nan, -np.inf, 0.5]]))
    np.testing.assert_array_equal(unpacked(tf.constant(packed(wrong)), 4), wrong.toarray())


def test_a_large_matrix_of_columns_is_refused_with_the_way_to_convert_it(file, monkeypatch):
    monkeypatch.setattr(matrices, "CONVERTED_BYTES", 10)
    with pytest.raises(DataError, match=r"x: .*CSC.*tocsr\(\)"):
        row_matrix("x", stored(file, "csc_matrix"))


def test_what_is_no_matrix_of_numbers_is_refused(file):
    with pytest.raises(DataError, match="expected a matrix"):
        row_matrix("x", file.create_dataset("line", data=np.zeros(3)))
    with pytest.raises(DataError, match="expected real numbers"):
        row_matrix("x", file.create_dataset("text", data=[[b"a"]]))
