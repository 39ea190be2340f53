from types import SimpleNamespace

import pytest

from keras_vae import ConfigError
from keras_vae.monitoring.epochs import checked_every, is_due


def due_epochs(every, epochs, stopped_at=None):
    """The epochs, from 1, of a training in which a callback is due."""
    callback = SimpleNamespace(every=every, params={"epochs": epochs})
    due = []
    for epoch in range(epochs):
        callback.model = SimpleNamespace(stop_training=epoch + 1 == stopped_at)
        if is_due(callback, epoch):
            due.append(epoch + 1)
    return due


@pytest.mark.parametrize(
    ("every", "epochs", "due"),
    [(1, 3, [1, 2, 3]), (3, 7, [3, 6, 7]), (3, 6, [3, 6]), (5, 2, [2])],
)
def test_every_few_epochs_and_the_last_are_due(every, epochs, due):
    assert due_epochs(every, epochs) == due


def test_an_epoch_after_which_training_stops_is_the_last():
    assert due_epochs(3, 9, stopped_at=4) == [3, 4, 6, 9]


@pytest.mark.parametrize("every", [0, -1, 1.5, "2", True, None])
def test_what_is_no_number_of_epochs_is_refused(every):
    with pytest.raises(ConfigError, match="expected a whole number of epochs, at least 1"):
        checked_every(every)


def test_whole_numbers_of_at_least_1_are_numbers_of_epochs():
    assert [checked_every(every) for every in (1, 7)] == [1, 7]
