import keras
import numpy as np
import pytest

from keras_vae.errors import ConfigError
from keras_vae.loop.monitors import with_directions


@pytest.mark.parametrize(
    ("name", "direction"),
    [("val_elbo", "max"), ("elbo", "max"), ("val_loss", "min"), ("val_distortion", "min")],
)
def test_a_figure_of_training_has_its_direction(name, direction):
    (callback,) = with_directions([keras.callbacks.EarlyStopping(name)])
    assert callback.mode == direction


def test_a_mode_of_the_users_own_and_figures_of_others_are_left_alone():
    mine = keras.callbacks.EarlyStopping("val_elbo", mode="min")
    other = keras.callbacks.EarlyStopping("active_units")
    assert with_directions([mine, other]) == [mine, other]
    assert (mine.mode, other.mode) == ("min", "auto")


def test_callbacks_come_in_every_form_that_keras_takes():
    callback = keras.callbacks.Callback()
    for form in (callback, [callback], ([callback],), keras.callbacks.CallbackList([callback])):
        assert with_directions(form) == [callback]
    assert with_directions(None) == []


@pytest.mark.parametrize("name", ["val_rate", "beta", "penalty"])
def test_a_figure_of_which_neither_more_nor_less_is_better_needs_a_mode(small_vae, binary_x, name):
    vae = small_vae()
    with pytest.raises(ConfigError, match=f"EarlyStopping.*{name}.*mode="):
        vae.fit(binary_x, verbose=0, callbacks=keras.callbacks.EarlyStopping(name))
    assert vae.optimizer.iterations == 0  # before the first step


def test_the_best_elbo_is_the_highest_for_checkpoints_and_early_stopping(
    small_vae, binary_x, tmp_path
):
    vae = small_vae()
    vae.compile(keras.optimizers.SGD(0.0), jit_compile=False)
    logits = [3.0, 0.0, 5.0, 6.0]  # for data of which half is 1
    schedule = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: vae.decoder.weights[-1].assign([logits[epoch]] * 6)
    )
    stop = keras.callbacks.EarlyStopping("val_elbo", patience=2, restore_best_weights=True)
    best = keras.callbacks.ModelCheckpoint(tmp_path / "best.keras", "val_elbo", save_best_only=True)
    fitted = vae.fit(
        binary_x,
        validation_data=(binary_x,),
        epochs=4,
        verbose=0,
        callbacks=[schedule, stop, best],
    )
    elbos = fitted.history["val_elbo"]
    assert stop.best == max(elbos) == best.best
    assert stop.best_epoch == np.argmax(elbos) == 1
    saved = keras.saving.load_model(tmp_path / "best.keras")
    for one, other in zip(saved.get_weights(), vae.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
