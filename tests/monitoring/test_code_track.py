import numpy as np
import pytest

from keras_vae import ConfigError
from keras_vae.monitoring import CodeTrack


def read(path):
    with np.load(path) as file:
        return file["epochs"].tolist(), file["z_mean"]


def test_codes_are_kept_before_training_and_after_epochs(small_vae, binary_x, tmp_path):
    path, x = tmp_path / "codes.npz", binary_x[:7]
    vae = small_vae()
    first, _ = vae.encode(x)
    vae.fit(binary_x, epochs=5, verbose=0, callbacks=[CodeTrack(path, x, every=2)])
    epochs, z_mean = read(path)
    assert epochs == [0, 2, 4, 5]
    assert z_mean.dtype == "float16"
    np.testing.assert_allclose(z_mean[0], first, rtol=1e-3)
    np.testing.assert_allclose(z_mean[-1], vae.encode(x)[0], rtol=1e-3)


def test_a_training_that_goes_on_keeps_what_was_seen_up_to_there(small_vae, binary_x, tmp_path):
    path, x = tmp_path / "codes.npz", binary_x[:7]
    vae = small_vae()
    vae.fit(binary_x, epochs=4, verbose=0, callbacks=[CodeTrack(path, x)])
    _, before = read(path)
    options = {"initial_epoch": 2, "epochs": 4, "verbose": 0}  # the last checkpoint
    vae.fit(binary_x, **options, callbacks=[CodeTrack(path, x)])
    epochs, z_mean = read(path)
    assert epochs == [0, 1, 2, 3, 4]
    np.testing.assert_array_equal(z_mean[:3], before[:3])
    assert not np.array_equal(z_mean[3], before[3])


def test_looking_changes_nothing_in_the_training(small_vae, binary_x, tmp_path):
    track = CodeTrack(tmp_path / "codes.npz", binary_x[:7])
    watched, alone = small_vae(), small_vae()
    watched.fit(binary_x, epochs=2, verbose=0, callbacks=[track])
    alone.fit(binary_x, epochs=2, verbose=0)
    for ours, theirs in zip(watched.weights, alone.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_every_is_a_number_of_epochs(binary_x, tmp_path):
    with pytest.raises(ConfigError, match="every=0"):
        CodeTrack(tmp_path / "codes.npz", binary_x, every=0)
