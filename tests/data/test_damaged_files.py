"""Whatever a reader raises on a damaged file is one line of our own with the file's name."""

import shutil
import warnings

import numpy as np
import pytest
from PIL import Image
from scipy import sparse

from keras_vae.data import write_tfrecords
from keras_vae.data.sources.files import read_path
from keras_vae.data.sources.images import decode_image
from keras_vae.data.sources.npy_rows import NpyRows
from keras_vae.data.sources.tfrecords import TFRecords
from keras_vae.errors import KerasVAEError

X = np.random.default_rng(0).random((30, 4, 3)).astype("float32")
PIXELS = np.random.default_rng(0).integers(0, 256, (12, 10, 3), dtype="uint8")


def save(path):
    """A whole file of the kind that its name tells."""
    if path.suffix == ".npy":
        np.save(path, X)
    elif path.name == "sparse.npz":
        sparse.save_npz(path, sparse.csr_matrix(np.round(X[..., 0])))
    elif path.suffix == ".npz":
        np.savez_compressed(path, x=X)
    elif path.suffix == ".tfrecord":
        write_tfrecords(path, X)
    else:
        image = Image.fromarray(PIXELS if path.suffix != ".pgm" else PIXELS[..., 0])
        image.save(path)


def damaged(content, rng):
    """The content with a bit flipped, most often in its header, or cut short."""
    if rng.random() < 0.2:
        return content[: rng.integers(len(content))]
    content = bytearray(content)
    end = 64 if rng.random() < 0.6 else len(content)
    content[rng.integers(min(end, len(content)))] ^= 1 << rng.integers(8)
    return bytes(content)


def expect_our_own_errors(path, read, count):
    """Reads `count` damaged versions of a file; gives how many were refused."""
    rng = np.random.default_rng(1)
    whole = path.read_bytes()
    said = []
    for _ in range(count):
        path.write_bytes(damaged(whole, rng))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the libraries' own, of what they put right
                read(path)
        except KerasVAEError as error:
            said.append(str(error))
    path.write_bytes(whole)
    assert [line for line in said if str(path) not in line or "\n" in line] == []
    return len(said)


@pytest.mark.parametrize(
    ("name", "read", "count"),
    [
        ("x.npy", read_path, 60),
        ("x.npy", NpyRows, 60),
        ("x.npz", read_path, 60),
        ("sparse.npz", read_path, 60),
        ("x.tfrecord", TFRecords, 6),
        *[(f"x{suffix}", decode_image, 60) for suffix in
          (".png", ".gif", ".jpg", ".bmp", ".tif", ".webp", ".pgm")],
    ],
)  # fmt: skip
def test_a_damaged_file_is_refused_in_one_line_that_names_it(tmp_path, name, read, count):
    save(tmp_path / name)
    read(tmp_path / name)
    assert expect_our_own_errors(tmp_path / name, read, count) > 0


@pytest.mark.parametrize("name", ["config.json", "metrics.json", "history.csv", "model.keras"])
def test_a_damaged_run_is_refused_in_one_line_that_names_the_file(
    tmp_path, digits_folder, monkeypatch, name
):
    from keras_vae.runs import run as runs

    folder = shutil.copytree(digits_folder, tmp_path / "run")
    if name != "model.keras":  # loading it takes long
        monkeypatch.setattr(runs, "_load_vae", lambda path: None)

    def read(path):
        return runs.load_run(folder).history

    expect_our_own_errors(folder / name, read, 3 if name == "model.keras" else 100)
