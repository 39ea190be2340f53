import numpy as np
import pytest

from keras_vae.data import open_stream
from keras_vae.data.sources.npy_rows import NpyRows
from keras_vae.data.streams.held_out import HeldOut
from keras_vae.data.streams.values import raise_what_was_said, values_of
from keras_vae.errors import DataError

FLOAT = np.repeat(np.arange(300, dtype="float32")[:, None], 3, axis=1)


def test_rows_come_in_the_order_asked_for_whatever_the_size_of_a_chunk(saved, monkeypatch):
    monkeypatch.setattr("keras_vae.data.streams.values.CHUNK_EXAMPLES", 4)
    rows = np.array([299, 0, 7, 7, 150, 3, 298])
    np.testing.assert_array_equal(values_of(NpyRows(saved("npy", FLOAT)), rows), FLOAT[rows])


def test_a_data_error_is_found_in_the_words_of_another_error():
    raise_what_was_said(ValueError("something else"))
    with pytest.raises(DataError, match=r"^x.npy: is torn$"):
        raise_what_was_said(ValueError("in a thread:\nkeras_vae.errors.DataError: x.npy: is torn"))


def test_values_that_are_not_finite_are_noticed_at_opening_where_they_are_looked_at(saved):
    x = FLOAT.copy()
    x[HeldOut(300).test[3], 1] = np.nan
    with pytest.raises(DataError, match=f"example {HeldOut(300).test[3]} holds NaN"):
        open_stream(saved("npy", x))
