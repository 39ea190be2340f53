"""Ctrl-C ends a training after a call of its steps, where nothing is half done."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

import keras

from keras_vae.aliases import Logs

__all__ = ["interruptible"]


@contextlib.contextmanager
def interruptible() -> Iterator["_Interrupt"]:
    """Within it, Ctrl-C waits for the callback that it gives; a second one interrupts at once.

    By itself Python raises KeyboardInterrupt wherever it happens to be. If that is a destructor
    or a callback of the garbage collector, it reports the exception, drops it and goes on.

    Outside the main thread, or where the process has a handler of its own for Ctrl-C, nothing
    changes.

    Yields:
        Keras callback for `fit`.

    Raises:
        KeyboardInterrupt: from the callback, or at the end.
    """
    interrupt = _Interrupt()
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield interrupt
        return
    signal.signal(signal.SIGINT, interrupt.ask)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    interrupt.raise_if_asked()


class _Interrupt(keras.callbacks.Callback):
    def __init__(self) -> None:
        super().__init__()
        self.is_asked = False

    def ask(self, number: int, frame: FrameType | None) -> None:
        self.raise_if_asked()
        self.is_asked = True

    def raise_if_asked(self) -> None:
        if self.is_asked:
            raise KeyboardInterrupt

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        self.raise_if_asked()
