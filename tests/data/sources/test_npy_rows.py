import io

import numpy as np
import pytest

from keras_vae.data.sources.npy_rows import NpyRows
from keras_vae.errors import DataError

DTYPES = (
    "uint8",
    "uint16",
    "bool",
    "int16",
    "int64",
    "uint32",
    "float16",
    "float32",
    "float64",
    ">f4",
    ">i2",
)


@pytest.fixture
def save(tmp_path):
    """Saves an array as a `.npy` and gives its path."""

    def write(x):
        np.save(tmp_path / "x.npy", x)
        return tmp_path / "x.npy"

    return write


def refusal(path, read=lambda rows: None):
    with pytest.raises(DataError) as caught:
        read(NpyRows(path))
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(5,), (4, 3), (2, 3, 1)])
def test_rows_come_in_the_order_asked_with_the_values_of_the_file(save, dtype, shape):
    x = np.random.default_rng(0).integers(0, 2 if dtype == "bool" else 200, (300, *shape))
    x = x.astype(dtype)
    rows = np.array([7, 299, 8, 0, 9, 150, 1])
    source = NpyRows(save(x))
    read = source.read(rows)
    np.testing.assert_array_equal(read, x[rows].astype("float32"))
    kept = {"bool": "uint8", "uint8": "uint8", "uint16": "uint16"}.get(dtype, "float32")
    assert read.dtype == source.dtype == kept
    assert (source.count, source.event_shape) == (300, shape)
    assert source.stored.shape == shape
    assert source.stored.dtype == source.dtype


def test_a_whole_window_of_many_pieces_is_read_as_numpy_reads_it(save):
    x = np.random.default_rng(0).integers(0, 256, (4_000, 28, 28), dtype="uint8")
    rows = np.random.default_rng(1).permutation(4_000)[:3_000]  # 2.2 MiB
    np.testing.assert_array_equal(NpyRows(save(x)).read(rows), x[rows])


def test_bytes_that_were_not_asked_for_are_not_read(save, monkeypatch):
    asked = []

    class Noted(io.FileIO):
        def readinto(self, buffer):
            asked.append((self.tell(), len(buffer)))
            return super().readinto(buffer)

    def noted(path, mode, buffering):
        assert buffering == 0
        return Noted(path, mode)

    source = NpyRows(save(np.zeros((100, 10), "uint8")))
    monkeypatch.setattr("keras_vae.data.sources.unchanged_file.open", noted, raising=False)
    source.read(np.array([13, 3, 12, 50, 11]))
    assert sorted(asked) == [(128 + 30, 10), (128 + 110, 30), (128 + 500, 10)]


def test_no_page_of_the_file_stays_mapped(save):
    path = save(np.zeros((100, 10), "uint8"))
    NpyRows(path).read(np.arange(100))
    with open("/proc/self/maps") as maps:
        assert str(path) not in maps.read()


def test_the_larger_of_stored_and_used_bytes_counts_for_memory(save):
    assert NpyRows(save(np.zeros((30, 10), "float64"))).row_bytes == 80
    assert NpyRows(save(np.zeros((30, 10), "int16"))).row_bytes == 40
    assert NpyRows(save(np.zeros((30, 28, 28), "uint8"))).row_bytes == 784
    assert NpyRows(save(np.zeros((30, 28, 28), "uint8"))).block == 16 * 2**10 // 784


def test_too_large_values_become_infinite_without_a_warning(save):
    source = NpyRows(save(np.full((30, 2), 1e300)))
    assert np.isinf(source.read(np.arange(3))).all()


def test_fortran_order_is_refused_with_the_way_to_convert_it(save):
    message = refusal(save(np.asfortranarray(np.ones((30, 4)))))
    assert "numpy.ascontiguousarray" in message


@pytest.mark.parametrize(
    ("x", "told"),
    [
        (np.zeros((30, 2), "complex64"), "real numbers"),
        (np.array([["a", "b"]] * 30), "real numbers"),
        (np.array([[None]] * 30), "pickled"),
        (np.zeros(30), "no event shape"),
        (np.zeros((0, 4)), "empty"),
        (np.zeros((30, 0)), "empty"),
    ],
)
def test_arrays_that_hold_no_examples_are_refused(save, x, told):
    assert told in refusal(save(x))


@pytest.mark.parametrize("kept", [0, 4, 8, 60, 127, 128, 200, -1])
def test_a_file_that_is_cut_short_is_refused(save, kept):
    path = save(np.ones((30, 4)))
    path.write_bytes(path.read_bytes()[:kept])
    assert "cut short" in refusal(path)


def test_a_file_that_is_no_npy_is_refused(tmp_path):
    (tmp_path / "x.npy").write_text("1,2,3\n" * 100)
    assert "not a .npy" in refusal(tmp_path / "x.npy")


def test_a_file_that_vanishes_or_is_rewritten_is_refused_when_read(save):
    path = save(np.ones((30, 4)))
    source = NpyRows(path)
    save(np.ones((29, 4)))
    with pytest.raises(DataError, match="changed since it was opened"):
        source.read(np.arange(3))
    path.unlink()
    with pytest.raises(DataError, match="cannot be read"):
        source.read(np.arange(3))


def test_an_example_is_described_by_file_and_row(save):
    path = save(np.ones((30, 4)))
    assert NpyRows(path).describe(7) == f"{path}: example 7"


def test_a_file_with_more_after_its_array_is_refused(tmp_path):
    with open(tmp_path / "x.npy", "wb") as file:
        for _ in range(2):
            np.save(file, np.zeros((3, 2)))
    with pytest.raises(DataError, match=r"x\.npy: has data after its array"):
        NpyRows(tmp_path / "x.npy")


def test_the_other_splits_that_lie_beside_a_file_are_told(tmp_path):
    for name in ("x_train", "x_test"):
        np.save(tmp_path / f"{name}.npy", np.zeros((3, 2)))
    (line,) = NpyRows(tmp_path / "x_train.npy").warnings
    assert "x_test.npy beside" in line
