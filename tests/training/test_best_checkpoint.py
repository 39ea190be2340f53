import keras
import numpy as np
import pytest

from keras_vae.objectives import BetaTC, Elbo, Iwae
from keras_vae.training import BestCheckpoint
from keras_vae.training.best_checkpoint import watched_by


@pytest.fixture
def checkpoint(small_vae, tmp_path):
    """Makes a BestCheckpoint over a model; its beta tells which epoch a file is of."""
    vae = small_vae()

    def make(start_from_epoch=0):
        callback = BestCheckpoint(tmp_path / "model.keras", start_from_epoch)
        callback.set_model(vae)
        return callback

    def end_epoch(callback, epoch, val_elbo):
        vae.beta = float(epoch)
        callback.on_epoch_end(epoch, {"val_elbo": val_elbo, "elbo": -float(epoch)})

    make.end_epoch = end_epoch
    return make


def saved_epoch(path):
    return keras.saving.load_model(path).beta


def test_the_highest_val_elbo_is_kept_and_no_other(checkpoint, tmp_path):
    callback = checkpoint()
    for epoch, val_elbo in enumerate([-9.0, -5.0, -7.0]):
        checkpoint.end_epoch(callback, epoch, val_elbo)
    assert callback.best_epoch == 1
    assert saved_epoch(tmp_path / "model.keras") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["model.keras"]


def test_epochs_of_the_warmup_do_not_count(checkpoint, tmp_path):
    callback = checkpoint(start_from_epoch=2)
    for epoch, val_elbo in enumerate([-1.0, -1.0, -9.0, -8.0]):
        checkpoint.end_epoch(callback, epoch, val_elbo)
    assert callback.best_epoch == 3
    assert saved_epoch(tmp_path / "model.keras") == 3


def test_a_checkpoint_cut_short_leaves_the_one_before_it_whole(checkpoint, tmp_path, monkeypatch):
    callback = checkpoint()
    checkpoint.end_epoch(callback, 0, -9.0)

    def cut_short(path, **options):
        with open(path, "wb") as file:
            file.write(b"half of a model")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(callback.model, "save", cut_short)
    with pytest.raises(OSError, match="No space"):
        checkpoint.end_epoch(callback, 1, -1.0)
    assert saved_epoch(tmp_path / "model.keras") == 0
    assert callback.best_epoch == 0


def test_the_model_is_brought_back_to_what_the_file_holds(small_vae, binary_x, tmp_path):
    vae = small_vae()
    vae.fit(binary_x, epochs=1, verbose=0)
    callback = BestCheckpoint(tmp_path / "model.keras")
    callback.set_model(vae)
    assert not callback.bring_back()  # nothing was kept yet
    vae.beta = 0.5
    callback.on_epoch_end(0, {"val_elbo": -3.0})
    vae.beta = 1.0
    vae.fit(binary_x, epochs=1, verbose=0)
    callback.on_epoch_end(1, {"val_elbo": -4.0})
    assert callback.bring_back()
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    for ours, theirs in ((vae, loaded), (vae.optimizer, loaded.optimizer)):
        assert len(ours.variables) == len(theirs.variables)
        for variable, expected in zip(ours.variables, theirs.variables, strict=True):
            np.testing.assert_array_equal(variable.numpy(), expected.numpy())
    assert vae.beta == loaded.beta == 0.5
    # the random states too, from which training would go on
    again = [model.fit(binary_x, epochs=1, verbose=0).history for model in (vae, loaded)]
    assert again[0] == again[1]


def test_an_objective_that_is_not_the_elbo_goes_by_its_own_loss(small_vae, tmp_path):
    assert [watched_by(each) for each in (Elbo(1.0), Elbo(capacity=2.0), Iwae(2), BetaTC(9))] == [
        "val_elbo",
        "val_loss",
        "val_loss",
        "val_loss",
    ]
    vae = small_vae()
    callback = BestCheckpoint(tmp_path / "model.keras", 0, "val_loss")
    callback.set_model(vae)
    for epoch, (loss, elbo) in enumerate([(90.0, -95.0), (85.0, -99.0), (86.0, -94.0)]):
        callback.on_epoch_end(epoch, {"val_loss": loss, "val_elbo": elbo})
    assert callback.best_epoch == 1
