import keras
import numpy as np
import pytest

from keras_vae import VAE
from keras_vae.data import TrainingBatches
from keras_vae.networks import mlp_decoder, mlp_encoder

EMA = {"use_ema": True, "ema_momentum": 0.9}
X = np.eye(6, dtype="float32")[np.arange(24) % 6]


class Rates(keras.callbacks.Callback):
    """The rate of X, which has no noise, at the end of each epoch."""

    def on_train_begin(self, logs=None):
        self.rates = []

    def on_epoch_end(self, epoch, logs=None):
        self.rates.append(rate(self.model))


def rate(vae):
    z_mean, z_log_var = vae.encode(X)
    return 0.5 * np.mean(np.sum(np.exp(z_log_var) + z_mean**2 - 1 - z_log_var, axis=1))


def made(optimizer):
    keras.utils.set_random_seed(0)
    vae = VAE(mlp_encoder((6,), 2, (8,)), mlp_decoder((6,), 2, (8,)), seed=0)
    vae.compile(optimizer, jit_compile=False)
    return vae


def fitted(vae, *callbacks, **options):
    options = {"validation_data": (X,), "epochs": 3, "verbose": 0, **options}
    return vae.fit(X, batch_size=4, shuffle=False, callbacks=list(callbacks), **options).history


def averaged_by_hand(momentum):
    """The weights of plain SGD after each step, averaged as Keras's EMA does."""
    average = []

    def update(step, logs):
        for index, value in enumerate(vae.get_weights()):
            if len(average) <= index:
                average.append(value)
            average[index] = momentum * average[index] + (1 - momentum) * value

    vae = made(keras.optimizers.SGD(0.1))
    fitted(vae, keras.callbacks.LambdaCallback(on_train_batch_end=update))
    return average


def test_validation_callbacks_and_the_end_of_training_have_the_same_weights():
    vae, seen = made(keras.optimizers.SGD(0.1, **EMA)), Rates()
    history = fitted(vae, seen)
    assert history["val_rate"] == pytest.approx(seen.rates, rel=1e-6)
    assert history["val_rate"][-1] == pytest.approx(rate(vae), rel=1e-6)
    assert history["rate"][-1] != pytest.approx(rate(vae), rel=0.01)  # of the steps themselves


@pytest.mark.slow
def test_they_are_the_averages_over_steps():
    vae = made(keras.optimizers.SGD(0.1, **EMA))
    fitted(vae)
    for value, expected in zip(vae.get_weights(), averaged_by_hand(0.9), strict=True):
        np.testing.assert_allclose(value, expected, rtol=1e-5, atol=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize(
    "around",
    [
        lambda optimizer: optimizer,
        keras.optimizers.LossScaleOptimizer,
        lambda optimizer: keras.optimizers.MultiOptimizer(keras.optimizers.OptimizerMap(optimizer)),
    ],
)
def test_training_goes_on_as_if_nothing_had_been_averaged(around):
    vae = made(around(keras.optimizers.SGD(0.1, **EMA)))
    watched = fitted(vae)
    assert watched["val_rate"][-1] == pytest.approx(rate(vae), rel=1e-6)
    plain = fitted(made(around(keras.optimizers.SGD(0.1))))
    assert watched["rate"] == plain["rate"]


def test_the_best_checkpoint_and_restored_weights_are_those_that_were_validated(tmp_path):
    vae = made(keras.optimizers.SGD(2.0, **EMA, ema_overwrite_frequency=5))
    best = keras.callbacks.ModelCheckpoint(tmp_path / "best.keras", "val_elbo", save_best_only=True)
    stop = keras.callbacks.EarlyStopping("val_elbo", patience=2, restore_best_weights=True)
    history = fitted(vae, best, stop, epochs=20)
    at_best = history["val_rate"][stop.best_epoch]
    assert stop.best_epoch < len(history["val_rate"]) - 1
    assert rate(vae) == pytest.approx(at_best, rel=1e-6)
    assert rate(keras.saving.load_model(tmp_path / "best.keras")) == pytest.approx(at_best, 1e-6)


def test_without_validation_they_are_there_at_the_end_of_an_epoch():
    vae, seen = made(keras.optimizers.SGD(0.1, **EMA)), Rates()
    fitted(vae, seen, validation_data=None)
    assert seen.rates[-1] == pytest.approx(rate(vae), rel=1e-6)


def test_several_steps_in_one_call_end_in_the_averages_too():
    vae = made(keras.optimizers.SGD(0.1, **EMA))
    vae.compile(vae.optimizer, steps_per_execution=3, jit_compile=False)
    seen = Rates()
    vae.fit(TrainingBatches(X, 4), epochs=2, verbose=0, callbacks=[seen])
    assert seen.rates[-1] == pytest.approx(rate(vae), rel=1e-6)


@pytest.mark.slow
def test_keras_own_swap_is_not_needed_and_changes_nothing():
    rates = []
    for callbacks in ([], [keras.callbacks.SwapEMAWeights(swap_on_epoch=True)]):
        vae = made(keras.optimizers.SGD(0.1, **EMA))
        fitted(vae, *callbacks)
        rates.append(rate(vae))
    assert rates[0] == rates[1]
