#!/bin/sh
# Keras 3.15.1: with `use_ema=True`, `fit` validates and saves other weights than it ends with.
#
# Versions:  keras 3.15.1, tensorflow 2.21.0; Python 3.11, Linux on x86-64, CPU
# Guess: The last val_loss of `fit` is what `evaluate` gives right after it, or with SwapEMAWeights it is.
# Behaviour: The averages become the weights after the last epoch (`finalize_variable_values`).
# Before that the validation figures in the history, `ModelCheckpoint` and the "best weights" of
# `EarlyStopping` belong to the weights of the last step, so the last `val_loss` is not what
# `evaluate` gives right after `fit`. `SwapEMAWeights(swap_on_epoch=True)` makes them agree,
# unless training stops early: then `fit` ends with the weights of the last step. (The loss is w^2
# on fixed data, SGD at 0.1, momentum of the average 0.9.)
# Seen:
#   plain:                          val_loss at the end of fit 0.0001, evaluate after it 0.0343
#   SwapEMAWeights:                 val_loss at the end of fit 0.0343, evaluate after it 0.0343
#   SwapEMAWeights, stopped early:  val_loss at the end of fit 0.0343, evaluate after it 0.0001
#
# Exit code 0: it still behaves so. 1: it does not. 2: the packages could not be installed.
# VENV=FOLDER keeps the environment there, for another run.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
venv=${VENV:-$folder/venv}
python3 -m venv "$venv"
"$venv/bin/pip" install -q keras==3.15.1 tensorflow==2.21.0 || exit 2
cd "$folder"
KERAS_BACKEND=tensorflow TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES=-1 \
    "$venv/bin/python" - <<'END'
import keras
import numpy as np

x, y = np.ones((8, 1), "float32"), np.zeros((8, 1), "float32")


class StopEarly(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.model.stop_training = epoch + 1 == 5


def losses(callbacks, epochs=5):
    """The last validation loss of `fit`, and the loss of the same data right after it."""
    layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")
    model = keras.Sequential([keras.Input((1,)), layer])
    model.compile(keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.9), "mse")
    data = {"batch_size": 2, "validation_data": (x, y), "verbose": 0}
    history = model.fit(x, y, epochs=epochs, callbacks=callbacks, **data).history
    return history["val_loss"][-1], model.evaluate(x, y, verbose=0)


swap = keras.callbacks.SwapEMAWeights
seen = {
    "plain": losses([]),
    "SwapEMAWeights": losses([swap(swap_on_epoch=True)]),
    "SwapEMAWeights, stopped early": losses([swap(swap_on_epoch=True), StopEarly()], epochs=9),
}
for name, (inside, after) in seen.items():
    print(f"{name}: val_loss at the end of fit {inside:.4f}, evaluate after it {after:.4f}")
agree = [bool(np.isclose(inside, after, rtol=1e-3)) for inside, after in seen.values()]
assert agree == [False, True, False]
END
