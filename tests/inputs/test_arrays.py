import keras
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import tensorflow as tf

from keras_vae import DataError
from keras_vae.data import Dataset, Examples
from keras_vae.inputs import as_array

ROWS = np.array([[0, 1, 0], [1, 1, 0]], "float32")

CONTAINERS = {
    "lists": ROWS.tolist(),
    "a list of arrays": list(ROWS),
    "tuples": tuple(map(tuple, ROWS.tolist())),
    "a data frame": pd.DataFrame(ROWS),
    "columns of several types": pd.DataFrame(ROWS).astype({0: bool, 1: "int8"}),
    "a sparse matrix": scipy.sparse.csr_matrix(ROWS),
    "a sparse array": scipy.sparse.coo_array(ROWS),
    "a sparse tensor": tf.sparse.from_dense(ROWS),
    "a tensor": tf.constant(ROWS),
    "a variable": tf.Variable(ROWS),
    "a Keras variable": keras.Variable(ROWS),
    "big-endian floats": ROWS.astype(">f8"),
    "big-endian integers": ROWS.astype(">i2"),
    "bfloat16": tf.cast(ROWS, tf.bfloat16).numpy(),
    "objects": ROWS.astype(object),
    "bool": ROWS > 0,
}


@pytest.mark.parametrize("x", CONTAINERS.values(), ids=CONTAINERS)
def test_numbers_come_out_of_every_container_in_the_machines_byte_order(x):
    array = as_array(x)
    assert isinstance(array, (np.ndarray, tf.Tensor))
    np.testing.assert_array_equal(np.asarray(array), ROWS)
    assert np.asarray(array).dtype.isnative


def test_an_array_of_float32_is_not_copied_and_integers_stay_integers():
    assert as_array(ROWS) is ROWS
    assert as_array(ROWS.astype(">u2")).dtype == "uint16"


NO_ARRAYS = {
    "nothing": (None, "got None"),
    "a name": ("mnist", "the text 'mnist'; kv.load_data"),
    "a dictionary": ({"image": ROWS, "label": [0]}, "a dictionary of 'image', 'label'"),
    "a pair": ((ROWS, [0, 1]), "a tuple of 2"),
    "text": (ROWS.astype(str), "an array of text"),
    "text in a frame": (pd.DataFrame({"a": [1.0], "b": ["2"]}), "objects, text or missing"),
    "complex numbers": (ROWS * 1j, "dtype complex64"),
    "times": (ROWS.astype("M8[s]"), "dtype datetime64"),
    "fields": (np.zeros(2, [("a", "f4")]), "dtype"),
    "a tensor of text": (tf.constant(["a"]), "dtype string"),
    "a ragged list": ([[1, 2], [3]], "ragged"),
    "a ragged tensor": (tf.ragged.constant([[1, 2], [3]]), "ragged"),
    "a masked array": (np.ma.masked_array(ROWS, ROWS > 0), "masked"),
    "Examples": (Examples(ROWS), "Examples of keras_vae"),
    "a Dataset": (Dataset("d", *[Examples(ROWS)] * 3), "Dataset of keras_vae"),
}


@pytest.mark.parametrize(("x", "said"), NO_ARRAYS.values(), ids=NO_ARRAYS)
def test_what_is_not_an_array_of_numbers_is_one_line(x, said):
    with pytest.raises(DataError) as error:
        as_array(x)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_tensor_with_a_keras_mask_is_refused():
    x = keras.layers.Masking()(np.ones((2, 3, 1), "float32"))
    with pytest.raises(DataError, match="masked"):
        as_array(x)
