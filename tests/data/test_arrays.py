import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from scipy import sparse

from keras_vae.data.arrays import as_array, dense
from keras_vae.errors import DataError

X = np.float32([[0, 1, 2], [3, 0, 5]])


def refusal(data):
    with pytest.raises(DataError) as caught:
        as_array("mine", data)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("mine: ")
    return str(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        X,
        X.tolist(),
        pd.DataFrame(X),
        pd.DataFrame(X).astype({0: "Int64"}),
        tf.constant(X),
        sparse.csr_matrix(X),
        sparse.coo_array(X),
        np.ma.masked_array(X, mask=False),
    ],
)
def test_whatever_holds_numbers_gives_its_values(data):
    x = as_array("mine", data)
    assert isinstance(x, np.ndarray)
    np.testing.assert_array_equal(x.astype("float32"), X)


@pytest.mark.parametrize("kind", ["csr", "csc", "coo", "bsr", "dia", "lil", "dok"])
@pytest.mark.parametrize("dtype", ["uint8", "bool", "int64", "float64"])
def test_a_sparse_matrix_is_made_dense_in_the_dtype_that_is_scaled_alike(kind, dtype):
    x = dense("mine", sparse.csr_matrix(X.astype(dtype)).asformat(kind))
    np.testing.assert_array_equal(x, X.astype(dtype))
    assert x.dtype == (dtype if dtype in ("uint8", "bool") else "float32")


def test_a_sparse_matrix_beyond_memory_is_refused_before_it_is_made(monkeypatch):
    monkeypatch.setattr("keras_vae.data.arrays._memory", lambda: 4 * 24)
    assert dense("mine", sparse.csr_matrix(X)).nbytes == 24
    monkeypatch.setattr("keras_vae.data.arrays._memory", lambda: 4 * 23)
    assert "sparse matrix of shape (2, 3)" in refusal(sparse.csr_matrix(X))
    monkeypatch.undo()
    assert "GiB when dense" in refusal(sparse.csr_matrix((10**7, 10**6), dtype="float32"))


def test_a_sparse_matrix_with_an_index_beyond_its_shape_is_refused():
    matrix = sparse.csr_matrix(X)
    matrix.indices[0] = 10**6
    assert "damaged sparse matrix" in refusal(matrix)
    assert "sparse of dtype complex64" in refusal(sparse.csr_matrix(X.astype("complex64")))


@pytest.mark.parametrize("column", [["a", "b"], ["1", "2"], [None, "b"]])
def test_a_column_that_holds_no_numbers_is_named(column):
    frame = pd.DataFrame({"width": [1.0, 2.0], "kind": column})
    assert "column 'kind'" in refusal(frame)


def test_masked_values_are_not_taken_for_data():
    assert "1 masked values" in refusal(np.ma.masked_equal(X, 5))


def test_what_is_no_array_is_refused_in_one_line():
    assert "list is not an array" in refusal([[1, 2], [3]])
    assert "generator is not an array" in refusal(row for row in X)
    assert "is not an array" in refusal(tf.data.Dataset.from_tensor_slices(X))
    assert "is not an array" in refusal(tf.sparse.from_dense(X))
