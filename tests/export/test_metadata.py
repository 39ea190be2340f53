import hashlib
import json

import keras
import numpy as np
import pytest

import keras_vae
from keras_vae.errors import RunError
from keras_vae.export.metadata import changed_files, read_metadata, weights_hash, write_metadata
from keras_vae.files.formats import FORMAT


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "variables").mkdir()
    (tmp_path / "variables" / "data").write_bytes(bytes(range(256)))
    (tmp_path / "saved_model.pb").write_bytes(b"graph")
    return tmp_path


def test_what_is_written_is_read_back_with_the_hash_of_every_file(folder):
    written = write_metadata(folder, {"samples": 10, "limits": [0.1, None]})
    assert read_metadata(folder) == written
    assert written["samples"] == 10
    assert written["files"] == {
        "saved_model.pb": hashlib.sha256(b"graph").hexdigest(),
        "variables/data": hashlib.sha256(bytes(range(256))).hexdigest(),
    }
    assert written["format"] == FORMAT
    assert changed_files(folder, written) == []


def test_a_flipped_bit_a_missing_and_an_added_file_are_named(folder):
    metadata = write_metadata(folder, {})
    data = bytearray(bytes(range(256)))
    data[100] ^= 1
    (folder / "variables" / "data").write_bytes(data)
    (folder / "saved_model.pb").unlink()
    (folder / "assets").mkdir()
    for name in ("words", "metadata.json", ".hidden"):
        (folder / "assets" / name).write_text("")
    assert changed_files(folder, metadata) == [
        "saved_model.pb is missing",
        "assets/.hidden was not exported",
        "assets/metadata.json was not exported",
        "assets/words was not exported",
        "variables/data has changed since it was exported",
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("-140.0", "-100.0"),
        (hashlib.sha256(b"graph").hexdigest(), hashlib.sha256(b"other").hexdigest()),
        ('"elbo"', '"rate"'),
    ],
    ids=["value", "hash of a file", "name"],
)
def test_metadata_that_were_edited_are_refused(folder, old, new):
    write_metadata(folder, {"metrics": {"elbo": -140.0}})
    path = folder / "metadata.json"
    content = path.read_text()
    assert content.count(old) == 1
    path.write_text(content.replace(old, new))
    with pytest.raises(RunError, match=r"metadata\.json: has changed since it was written"):
        read_metadata(folder)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '"text"', "\xff"])
def test_what_is_no_metadata_is_refused(folder, content):
    (folder / "metadata.json").write_text(content, encoding="latin-1")
    with pytest.raises(RunError, match=r"metadata\.json: not readable \(.+\); export again"):
        read_metadata(folder)


def test_metadata_that_cannot_be_read_are_refused(folder):
    (folder / "metadata.json").mkdir()
    with pytest.raises(RunError, match=r"not readable \(.*Is a directory.*\); export again"):
        read_metadata(folder)


def test_a_folder_without_metadata_is_refused(folder):
    with pytest.raises(RunError, match=r"metadata\.json: missing; kvae export writes one"):
        read_metadata(folder)


def test_metadata_of_another_format_are_refused_before_anything_is_made_of_them(
    folder, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr("keras_vae.files.formats.FORMAT", FORMAT + 1)
        write_metadata(folder, {})
    with pytest.raises(RunError, match=rf"metadata\.json: of format {FORMAT + 1}, "):
        read_metadata(folder)
    written = write_metadata(folder, {})
    (folder / "metadata.json").write_text(json.dumps({**written, "format": 0}))
    with pytest.raises(RunError, match=r"metadata\.json: has changed"):  # by the hash
        read_metadata(folder)


def test_a_number_that_json_cannot_hold_is_refused(folder):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_metadata(folder, {"elbo": float("nan")})


def test_the_hash_of_the_weights_is_theirs(small_vae, tmp_path):
    vae = small_vae(seed=1)
    before = weights_hash(vae)
    vae.save(tmp_path / "vae.keras")
    assert weights_hash(keras.saving.load_model(tmp_path / "vae.keras")) == before
    assert weights_hash(small_vae(seed=2)) != before
    bias = vae.decoder.layers[-1].bias
    bias.assign(np.nextafter(bias.numpy(), 1, dtype="float32"))
    assert weights_hash(vae) != before


def test_the_hash_of_the_weights_is_over_the_path_shape_and_values_of_every_weight():
    x, z = keras.Input((6,)), keras.Input((2,))
    h = keras.layers.BatchNormalization()(x)  # has weights that are not trained
    encoder = keras.Model(x, [keras.layers.Dense(2)(h), keras.layers.Dense(2)(h)])
    vae = keras_vae.VAE(encoder, keras.Model(z, keras.layers.Dense(6)(z)), "gaussian")
    digest = hashlib.sha256()
    for weight in vae.weights:
        digest.update(f"{weight.path} {tuple(weight.shape)}\n".encode() + weight.numpy().tobytes())
    assert weights_hash(vae) == digest.hexdigest()
    assert {weight.name for weight in vae.weights} >= {"moving_mean", "kernel", "x_log_var"}


def test_the_order_of_the_names_does_not_matter(folder):
    written = write_metadata(folder, {"b": 1, "a": {"d": 2, "c": 3}})
    (folder / "metadata.json").write_text(json.dumps(written, sort_keys=True))
    assert read_metadata(folder) == written


def test_metadata_are_readable_json(folder):
    write_metadata(folder, {"protocol": "x"})
    assert json.loads((folder / "metadata.json").read_text())["protocol"] == "x"
