"""What Keras does with them is tested where it shows: in the trainer, and on several replicas."""

import inspect

import keras
import pytest

from keras_vae.loop.keras_private import KerasPrivate

PRIVATE = {
    name
    for name, value in vars(KerasPrivate).items()
    if name.startswith("_") and not name.startswith("__") and inspect.isfunction(value)
}


def test_they_are_two():
    assert {"_maybe_symbolic_build", "_flatten_metrics_in_order"} == PRIVATE


@pytest.mark.parametrize("name", sorted(PRIVATE))
def test_keras_still_has_and_calls_it(name):
    assert hasattr(keras.Model, name)
    callers = {
        function
        for kind in keras.Model.__mro__
        for function, value in vars(kind).items()
        if inspect.isfunction(value) and f"self.{name}(" in inspect.getsource(value)
    }
    assert callers & {"fit", "evaluate", "train_on_batch", "test_on_batch"}


def test_no_other_private_method_of_keras_is_overridden():
    from keras_vae import VAE

    own = [kind for kind in VAE.__mro__ if kind.__module__.startswith("keras_vae.")]
    names = {name for kind in own for name, v in vars(kind).items() if inspect.isfunction(v)}
    private = {name for name in names if name.startswith("_") and not name.startswith("__")}
    assert {name for name in private if hasattr(keras.Model, name)} == PRIVATE
