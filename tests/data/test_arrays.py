import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from scipy import sparse

from keras_vae.data import Dataset, Examples
from keras_vae.data.arrays import as_array, as_numpy, dense
from keras_vae.errors import DataError

ROWS = np.array([[0, 1, 0], [1, 1, 0]], "float32")
X = np.float32([[0, 1, 2], [3, 0, 5]])

CONTAINERS = {
    "lists": ROWS.tolist(),
    "a list of arrays": list(ROWS),
    "tuples": tuple(map(tuple, ROWS.tolist())),
    "a data frame": pd.DataFrame(ROWS),
    "columns of several types": pd.DataFrame(ROWS).astype({0: bool, 1: "int8"}),
    "columns that may have gaps": pd.DataFrame(ROWS).astype({0: "Int64"}),
    "a sparse matrix": sparse.csr_matrix(ROWS),
    "a sparse array": sparse.coo_array(ROWS),
    "a sparse tensor": tf.sparse.from_dense(ROWS),
    "a tensor": tf.constant(ROWS),
    "a variable": tf.Variable(ROWS),
    "a Keras variable": keras.Variable(ROWS),
    "big-endian floats": ROWS.astype(">f8"),
    "big-endian integers": ROWS.astype(">i2"),
    "bfloat16": tf.cast(ROWS, tf.bfloat16).numpy(),
    "objects": ROWS.astype(object),
    "bool": ROWS > 0,
    "a masked array without a masked value": np.ma.masked_array(ROWS, mask=False),
}


@pytest.mark.parametrize("x", CONTAINERS.values(), ids=CONTAINERS)
def test_numbers_come_out_of_every_container_in_the_machines_byte_order(x):
    array = as_array(x)
    assert type(array) is np.ndarray or tf.is_tensor(array)
    np.testing.assert_array_equal(np.asarray(array), ROWS)
    assert np.asarray(array).dtype.isnative
    assert type(as_numpy(x)) is np.ndarray


def test_an_array_of_float32_is_not_copied_and_integers_stay_integers():
    assert as_array(ROWS) is ROWS
    assert as_array(ROWS.astype(">u2")).dtype == "uint16"


NO_ARRAYS = {
    "nothing": (None, "got None"),
    "a name": ("mnist", "the text 'mnist'; kv.load_data"),
    "a dictionary": ({"image": ROWS, "label": [0]}, "a dictionary of 'image', 'label'"),
    "a pair": ((ROWS, [0, 1]), "a tuple of 2"),
    "text": (ROWS.astype(str), "an array of text"),
    "text in a frame": (pd.DataFrame({"a": [1.0], "b": ["2"]}), "column 'b'"),
    "letters in a frame": (pd.DataFrame({"a": [1.0, 2.0], "b": ["a", "b"]}), "column 'b'"),
    "gaps in a frame": (pd.DataFrame({"a": [1.0, 2.0], "b": [None, "b"]}), "column 'b'"),
    "complex numbers": (ROWS * 1j, "dtype complex64"),
    "times": (ROWS.astype("M8[s]"), "dtype datetime64"),
    "fields": (np.zeros(2, [("a", "f4")]), "dtype"),
    "a tensor of text": (tf.constant(["a"]), "dtype string"),
    "a ragged list": ([[1, 2], [3]], "ragged"),
    "a ragged tensor": (tf.ragged.constant([[1, 2], [3]]), "ragged"),
    "a masked array": (np.ma.masked_array(ROWS, ROWS > 0), "masked"),
    "Examples": (Examples(ROWS), "Examples of keras_vae"),
    "a Dataset": (Dataset("d", *[Examples(ROWS)] * 3), "Dataset of keras_vae"),
    "a generator": ((row for row in ROWS), "got a generator"),
    "a stream": (tf.data.Dataset.from_tensor_slices(ROWS), "Dataset"),
}


@pytest.mark.parametrize(("x", "said"), NO_ARRAYS.values(), ids=NO_ARRAYS)
def test_what_is_not_an_array_of_numbers_is_one_line(x, said):
    with pytest.raises(DataError) as error:
        as_array(x, "mine")
    assert str(error.value).startswith("mine: ")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_tensor_with_a_keras_mask_is_refused():
    x = keras.layers.Masking()(np.ones((2, 3, 1), "float32"))
    with pytest.raises(DataError, match="masked"):
        as_array(x)


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
    with pytest.raises(DataError, match=r"x: the sparse matrix of shape \(2, 3\)"):
        as_array(sparse.csr_matrix(X))
    monkeypatch.undo()
    with pytest.raises(DataError, match="GiB when dense"):
        as_array(sparse.csr_matrix((10**7, 10**6), dtype="float32"))


def test_a_sparse_matrix_that_is_damaged_or_complex_is_refused():
    matrix = sparse.csr_matrix(X)
    matrix.indices[0] = 10**6
    with pytest.raises(DataError, match="damaged sparse matrix"):
        as_array(matrix)
    with pytest.raises(DataError, match="sparse of dtype complex64"):
        as_array(sparse.csr_matrix(X.astype("complex64")))
