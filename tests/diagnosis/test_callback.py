"""Warnings while training is under way."""

import keras
import numpy as np
import pytest
from diagnosis.made_subjects import linear_subject

from keras_vae.diagnosis import Diagnose


@pytest.fixture
def told():
    return []


def names(callback):
    return [finding.name for _, finding in callback.findings]


def train(vae, x, callback, epochs=6, callbacks=()):
    vae.fit(x, epochs=epochs, batch_size=50, verbose=0, callbacks=[*callbacks, callback])
    return callback


class Beta(keras.callbacks.Callback):
    """Sets beta to a function of the epoch, and logs it as the VAE does."""

    def __init__(self, beta):
        super().__init__()
        self.beta = beta

    def on_epoch_begin(self, epoch, logs=None):
        self.model.beta = self.beta(epoch)


def test_training_that_goes_well_is_not_disturbed_by_a_word(small_vae, binary_x, told):
    vae = small_vae()
    vae.optimizer.learning_rate = 0.05
    assert names(train(vae, binary_x, Diagnose(binary_x, warn=told.append), epochs=15)) == []
    assert told == []


def test_training_is_the_same_to_the_last_bit(small_vae, binary_x):
    weights = []
    for callbacks in ([], [Diagnose(binary_x, warn=lambda line: None)]):
        vae = small_vae()
        vae.fit(binary_x, epochs=3, batch_size=50, verbose=0, callbacks=callbacks)
        weights.append(vae.get_weights())
    for without, with_callback in zip(*weights, strict=True):
        np.testing.assert_array_equal(without, with_callback)


def test_a_collapse_is_told_once_and_only_when_it_stays(small_vae, binary_x, told):
    vae = small_vae()
    vae.optimizer.learning_rate = 0.01
    callback = Diagnose(binary_x, warn=told.append, patience=4)
    train(vae, binary_x, callback, epochs=14, callbacks=[Beta(lambda epoch: 100.0)])
    assert names(callback) == ["collapsed"]
    assert callback.findings[0][0] >= 4
    assert len(told) == 1
    assert told[0].startswith(f"epoch {callback.findings[0][0]}: collapsed: ")
    assert "beta 1" in told[0]


@pytest.mark.parametrize(("epochs_without", "is_told"), [(3, False), (4, True)])
def test_a_collapse_that_passes_is_not_told(small_vae, binary_x, epochs_without, is_told):
    def subject(model, data, test_data, history, probe):
        has_collapsed = len(history["loss"]) <= epochs_without
        return linear_subject(beta=1e6 if has_collapsed else 1.0, count=200)

    callback = Diagnose(binary_x, subject=subject, warn=lambda line: None, patience=4)
    train(small_vae(), binary_x, callback, epochs=7)
    assert ("collapsed" in names(callback)) is is_told


def test_a_warmup_that_cannot_end_is_told_after_two_epochs(small_vae, binary_x):
    callback = Diagnose(binary_x, warn=lambda line: None)
    beta = Beta(lambda epoch: (epoch + 1) / 12)
    train(small_vae(), binary_x, callback, epochs=6, callbacks=[beta])
    ((epoch, finding),) = (
        told for told in callback.findings if told[1].name == "warmup_unfinished"
    )
    assert epoch == 2
    assert finding.evidence[0].value == pytest.approx(0.5)


def test_a_warmup_that_will_end_is_not(small_vae, binary_x):
    callback = Diagnose(binary_x, warn=lambda line: None)
    beta = Beta(lambda epoch: min(1, (epoch + 1) / 4))
    train(small_vae(), binary_x, callback, epochs=6, callbacks=[beta])
    assert "warmup_unfinished" not in names(callback)


def test_nan_is_told_in_the_epoch_in_which_it_comes(small_vae, binary_x):
    class Poison(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                weight = self.model.trainable_variables[0]
                weight.assign(np.full(weight.shape, np.nan))

    callback = Diagnose(binary_x, warn=lambda line: None)
    train(small_vae(), binary_x, callback, callbacks=[Poison()])
    assert [(epoch, finding.name) for epoch, finding in callback.findings] == [
        (3, "nonfinite_loss")
    ]


def test_gray_data_are_told_at_the_first_look_only(small_vae, binary_x, told):
    gray = np.clip(binary_x, 0.2, 0.7)
    callback = train(small_vae(), gray, Diagnose(gray, every=2, warn=told.append))
    assert callback.findings[0][0] == 2
    assert names(callback) == ["gray_data_under_bernoulli"]
    assert len(told) == 1


def test_data_with_gaps_are_watched_too(small_vae, binary_x):
    vae = small_vae()
    vae.beta = 100.0
    given = {"x": binary_x, "mask": np.ones_like(binary_x)}
    given["mask"][:, 0] = 0
    callback = train(vae, given, Diagnose(given, patience=2, warn=lambda line: None))
    assert "collapsed" in names(callback)
