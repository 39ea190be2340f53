import numpy as np
import pytest

from keras_vae import DataError
from keras_vae.runs import read_latents


def test_latents_come_from_numbers_npy_and_npz(tmp_path):
    z = np.arange(6, dtype="float32").reshape(3, 2)
    np.save(tmp_path / "z.npy", z)
    np.savez(tmp_path / "z.npz", z=z)
    np.savez(tmp_path / "encoded.npz", z_mean=z, z_log_var=-z)
    for source in (z.tolist(), *(tmp_path / name for name in ("z.npy", "z.npz", "encoded.npz"))):
        np.testing.assert_array_equal(read_latents(source, 2), z)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ([[1.0, 2.0, 3.0]], r"expected latents of shape \(N, 2\), got \(1, 3\)"),
        ([[1.0, 2.0], [1.0]], "latents must all have 2 numbers"),
        ([[1.0, float("nan")]], "NaN or infinite"),
        ("missing.npz", "no such file"),
    ],
)
def test_latents_that_do_not_fit_are_refused(source, message):
    with pytest.raises(DataError, match=message):
        read_latents(source, 2)


def test_a_file_without_latents_says_what_it_holds(tmp_path):
    np.savez(tmp_path / "a.npz", images=np.eye(2))
    with pytest.raises(DataError, match="expected an array z or z_mean; found images"):
        read_latents(tmp_path / "a.npz", 2)
