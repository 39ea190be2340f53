import csv
import json
import sys

import keras
import numpy as np
import pytest
from tensorflow.python.summary.summary_iterator import summary_iterator

from keras_vae import Config, ConfigError, TrainingDiverged, load_data
from keras_vae.data import Dataset, Examples
from keras_vae.training import train

# These trainings are of few steps.
pytestmark = pytest.mark.usefixtures("eager")


@pytest.fixture(scope="module")
def digits():
    return load_data("digits")


def weights(vae):
    return np.concatenate([np.ravel(value) for value in vae.get_weights()])


def small(**options):
    """Two steps an epoch."""
    return Config(data="digits", hidden=(32,), binarize="dynamic", batch_size=700, **options)


@pytest.mark.slow
def test_one_seed_gives_the_same_weights_bit_for_bit_and_another_gives_others(digits, tmp_path):
    trained = []
    for number, seed in enumerate((0, 0, 1)):
        folder = tmp_path / str(number)
        folder.mkdir()
        trained.append(weights(train(small(epochs=2, seed=seed), digits, folder).vae))
    np.testing.assert_array_equal(trained[0], trained[1])
    assert not np.array_equal(trained[0], trained[2])


@pytest.mark.slow
def test_the_best_checkpoint_is_returned_and_the_history_is_written(digits, tmp_path):
    training = train(small(epochs=4), digits, tmp_path)
    best = int(np.argmax(training.history["val_elbo"])) + 1
    assert (training.ended, training.best_epoch) == ("finished", best)
    with open(tmp_path / "history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["epoch"]) for row in rows] == [0, 1, 2, 3]
    for name, values in training.history.items():
        assert [float(row[name]) for row in rows] == values
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(weights(loaded), weights(training.vae))


def test_a_training_that_is_not_to_be_resumed_is_the_same_without_checkpoints(digits, tmp_path):
    trained = []
    for resumable in (True, False):
        folder = tmp_path / str(resumable)
        folder.mkdir()
        trained.append(train(small(epochs=1), digits, folder, resumable=resumable))
        assert (folder / "checkpoints").exists() is resumable
    first, second = trained
    np.testing.assert_array_equal(weights(first.vae), weights(second.vae))
    assert first.history == second.history


def test_a_capacity_rises_over_its_warmup_and_beta_does_not(tmp_path):
    # 16 examples a batch, one batch an epoch: the reported means are those of the loss
    x = np.random.default_rng(0).integers(0, 2, size=(48, 4)).astype("float32")
    noise = Dataset("noise", Examples(x[:16]), Examples(x[16:32]), Examples(x[32:]))
    config = Config(
        hidden=(8,), binarize="none", epochs=4, batch_size=16, capacity=3.0, beta=7.0
    )  # fmt: skip
    history = train(config, noise, tmp_path).history
    away = (np.array(history["loss"]) - history["distortion"]) / 7.0  # |rate - capacity|
    capacity = np.array([1.0, 2.0, 3.0, 3.0])  # the warm-up is half of training
    np.testing.assert_allclose(away, np.abs(history["rate"] - capacity), atol=1e-5)
    assert history["beta"] == [7.0] * 4


@pytest.mark.slow
def test_early_stopping_waits_for_patience_after_the_warmup(tmp_path):
    # Noise: nothing to learn, so the validation ELBO soon stops rising.
    x = np.random.default_rng(0).integers(0, 2, size=(60, 4)).astype("float32")
    noise = Dataset("noise", Examples(x[:40]), Examples(x[40:50]), Examples(x[50:]))
    config = Config(
        hidden=(8,), binarize="none", epochs=200, warmup=0.05, patience=3, learning_rate=0.05
    )
    training = train(config, noise, tmp_path)
    epochs = len(training.history["loss"])
    assert 10 < epochs < 200
    assert epochs == training.best_epoch + 3


@pytest.mark.slow
def test_ctrl_c_keeps_the_best_checkpoint_so_far(digits, tmp_path):
    def interrupt(epoch, logs):
        if epoch == 2:
            raise KeyboardInterrupt

    stop = keras.callbacks.LambdaCallback(on_epoch_begin=interrupt)
    training = train(small(epochs=50), digits, tmp_path, callbacks=[stop])
    assert training.ended == "interrupted"
    assert training.best_epoch in (1, 2)
    assert len(training.history["loss"]) == 2


def test_ctrl_c_before_any_checkpoint_is_passed_on(digits, tmp_path):
    def interrupt(batch, logs):
        raise KeyboardInterrupt

    stop = keras.callbacks.LambdaCallback(on_train_batch_end=interrupt)
    with pytest.raises(KeyboardInterrupt):
        train(small(epochs=2), digits, tmp_path, callbacks=[stop])


def test_divergence_keeps_the_best_checkpoint_and_says_what_became_infinite(digits, tmp_path):
    class Blow(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                output = self.model.decoder.layers[-1].bias
                output.assign(np.full(output.shape, np.nan))

    training = train(small(epochs=5), digits, tmp_path, callbacks=[Blow()])
    assert (
        "the distortion -log p(x|z) became NaN or infinite at epoch 3, by step 2" in training.ended
    )
    assert np.isfinite(weights(training.vae)).all()


def test_divergence_before_any_checkpoint_is_an_error(digits, tmp_path):
    with pytest.raises(TrainingDiverged, match="epoch 1"):
        train(small(epochs=2, learning_rate=1e20), digits, tmp_path)


def test_a_training_whose_validation_is_never_finite_is_an_error(tmp_path):
    x = np.random.default_rng(0).normal(size=(40, 4)).astype("float32")
    bad = np.full((10, 4), 1e30, "float32")  # its square is infinite
    dataset = Dataset("made", Examples(x), Examples(bad), Examples(x))
    config = Config(likelihood="gaussian", hidden=(8,), binarize="none", epochs=2)
    with pytest.raises(TrainingDiverged, match="no epoch had a finite val_elbo"):
        train(config, dataset, tmp_path)


class Sets(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.model.optimizer.learning_rate = 1e-4


@pytest.mark.parametrize(
    "callback",
    [
        keras.callbacks.ReduceLROnPlateau("val_elbo"),
        keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate),
        Sets(),
    ],
)
def test_a_callback_that_sets_the_learning_rate_is_refused(digits, tmp_path, callback):
    with pytest.raises(ConfigError, match="sets the learning rate") as error:
        train(small(epochs=2), digits, tmp_path, [callback])
    assert "\n" not in str(error.value)
    assert not (tmp_path / "model.keras").exists()


def test_tensorboard_logs_are_written_when_asked_for(digits, tmp_path):
    training = train(small(epochs=1, tensorboard=True), digits, tmp_path)
    assert list((tmp_path / "tensorboard" / "pictures").rglob("events*"))
    (log,) = (tmp_path / "tensorboard" / "train").rglob("events*")
    shown = {
        event.summary.value[0].tag for event in summary_iterator(str(log)) if event.summary.value
    }
    expected = {"rate_latent_0", "rate_latent_1", "active_units", "gradient_norm", "learning_rate"}
    expected |= {"elbo", "beta"}
    assert {f"epoch_{name}" for name in expected} <= shown
    assert expected <= training.history.keys()


def test_every_run_has_a_log_for_machines(digits, tmp_path):
    training = train(small(epochs=2), digits, tmp_path)
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert [event["event"] for event in events] == [
        "train_begin", "epoch_end", "epoch_end", "train_end",
    ]  # fmt: skip
    assert [event["logs"]["val_elbo"] for event in events[1:3]] == training.history["val_elbo"]


def test_tensorboard_without_its_package_says_what_to_install(digits, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard.summary", None)
    with pytest.raises(ConfigError, match="needs a package: pip install"):
        train(small(epochs=1, tensorboard=True), digits, tmp_path)
