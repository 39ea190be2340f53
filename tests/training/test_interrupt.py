import os
import signal
import threading

import keras
import pytest

from keras_vae import Config, load_data
from keras_vae.training import train
from keras_vae.training.interrupt import interruptible


def press_ctrl_c():
    os.kill(os.getpid(), signal.SIGINT)


class WithDestructor:
    def __del__(self):
        press_ctrl_c()
        sum(range(1000))  # the handler runs before this ends


class PressInADestructor(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 2:
            WithDestructor()


@pytest.mark.slow
def test_ctrl_c_is_heard_where_python_would_drop_it(tmp_path):
    config = Config(data="digits", hidden=(16,), epochs=6, binarize="dynamic")
    training = train(config, load_data("digits"), tmp_path, [PressInADestructor()])
    assert training.ended == "interrupted"
    assert len(training.history["loss"]) == 2
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_it_waits_for_the_end_of_a_call_of_the_steps():
    done = []

    def training():
        with interruptible() as interrupt:
            press_ctrl_c()
            done.append("pressed")
            interrupt.on_train_batch_end(0)
            done.append("went on")

    with pytest.raises(KeyboardInterrupt):
        training()
    assert done == ["pressed"]


def test_what_came_after_the_last_call_is_heard_at_the_end():
    with pytest.raises(KeyboardInterrupt), interruptible():
        press_ctrl_c()


def test_a_second_one_interrupts_at_once():
    done = []

    def training():
        with interruptible():
            press_ctrl_c()
            done.append("pressed")
            press_ctrl_c()
            done.append("went on")

    with pytest.raises(KeyboardInterrupt):
        training()
    assert done == ["pressed"]


def test_an_error_is_not_hidden_by_an_interrupt():
    def training():
        with interruptible():
            press_ctrl_c()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        training()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_without_ctrl_c_nothing_happens():
    with interruptible() as interrupt:
        interrupt.on_train_batch_end(0)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_of_the_process_stays():
    heard = []
    before = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        with interruptible():
            press_ctrl_c()
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == [signal.SIGINT]


def test_another_thread_can_train():
    passed = []

    def work():
        with interruptible() as interrupt:
            interrupt.on_train_batch_end(0)
            passed.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert passed == [True]
