import keras
import numpy as np
import pytest

from keras_vae import TrainingDiverged
from keras_vae.training import TerminateOnNonFinite


def logs(**terms):
    return {"distortion": 1.0, "rate": 1.0, "loss": sum(terms.values()), **terms}


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"distortion": np.inf, "rate": 1.0}, "the distortion -log p(x|z) became"),
        ({"distortion": 1.0, "rate": np.nan}, "the rate KL(q(z|x) || p(z)) became"),
        ({"distortion": 1.0, "penalty": np.inf}, "the penalty of the layers became"),
        ({"distortion": np.nan, "rate": np.nan}, "so the weights had diverged before it"),
    ],
)
def test_the_message_names_the_term_the_epoch_and_the_step(terms, words):
    callback = TerminateOnNonFinite()
    callback.on_train_begin()
    callback.on_epoch_begin(4)
    callback.on_train_batch_end(0, logs(distortion=1.0, rate=2.0))
    with pytest.raises(TrainingDiverged) as error:
        callback.on_train_batch_end(6, logs(**terms))
    message = str(error.value)
    assert words in message
    assert "epoch 5, by step 7" in message
    assert "--learning-rate" in message
    assert "\n" not in message


def test_a_training_that_diverges_is_stopped(small_vae, binary_x):
    vae = small_vae()
    vae.compile(keras.optimizers.SGD(1e30))
    with pytest.raises(TrainingDiverged, match="became NaN or infinite at epoch 1, by step"):
        vae.fit(binary_x, batch_size=20, verbose=0, callbacks=[TerminateOnNonFinite()])


def test_at_the_very_first_step_no_step_before_it_is_blamed():
    callback = TerminateOnNonFinite()
    callback.on_train_begin()
    callback.on_epoch_begin(0)
    with pytest.raises(TrainingDiverged) as error:
        callback.on_train_batch_end(0, logs(distortion=np.nan, rate=np.nan))
    assert "before it" not in str(error.value)
